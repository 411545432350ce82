/** What does not fit: text cut off by its box, and pages wider than the screen. */
export function overflowing(): string[] {
  const found: string[] = [];
  const widest = (box: HTMLElement): string => {
    const edge = box.getBoundingClientRect().right;
    const beyond = [...box.querySelectorAll<HTMLElement>("*")].filter(
      (it) =>
        it.getBoundingClientRect().right > edge &&
        it.closest(".scroll") === null,
    );
    return beyond.map((it) => it.outerHTML.slice(0, 80)).join(" | ");
  };
  const page = document.querySelector("main");
  if (page && page.scrollWidth > page.clientWidth + 1)
    found.push(
      `main is ${String(page.scrollWidth - page.clientWidth)} px too wide: ${widest(page)}`,
    );
  if (document.documentElement.scrollWidth > innerWidth + 1)
    found.push("the page is too wide");
  const parts = "button, a, th, td, h1, h2, label, legend, dt, dd, .chip, .btn";
  for (const element of document.querySelectorAll<HTMLElement>(parts)) {
    const { overflowX, display } = getComputedStyle(element);
    if (display === "inline" || element.closest(".unseen")) continue;
    // Panels of a wall that is composed are judged as the wall is.
    if (element.closest("[data-test=edit-grid]")) continue;
    const cut = element.scrollWidth > element.clientWidth + 1;
    if (cut && overflowX !== "auto" && element.clientWidth > 0)
      found.push(element.outerHTML.slice(0, 140));
  }
  return found;
}
