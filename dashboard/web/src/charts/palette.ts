/** Colours of charts per theme; severity colours carry shape and word, too. */
export interface Palette {
  readonly text: string;
  readonly dim: string;
  readonly line: string;
  readonly accent: string;
  readonly classes: Readonly<Record<"A" | "B" | "C" | "D" | "E", string>>;
  readonly ageing: readonly [string, string, string, string, string];
  readonly over: string;
}

const dark: Palette = {
  text: "#E6ECF5",
  dim: "#8FA0B8",
  line: "#1E2B44",
  accent: "#4C9BFF",
  classes: {
    A: "#3DE0C1",
    B: "#4C9BFF",
    C: "#FFF1A6",
    D: "#FFA62B",
    E: "#F2452E",
  },
  ageing: ["#2F6FCC", "#56B4E9", "#FFF1A6", "#FFA62B", "#F2452E"],
  over: "#F2452E",
};
const light: Palette = {
  text: "#152033",
  dim: "#5B6880",
  line: "#E3E8F0",
  accent: "#1F5FD6",
  classes: {
    A: "#25BFA8",
    B: "#1F5FD6",
    C: "#D9B400",
    D: "#E8820C",
    E: "#9E1708",
  },
  ageing: ["#1F5FD6", "#56B4E9", "#D9B400", "#E8820C", "#9E1708"],
  over: "#9E1708",
};

export function paletteOf(theme: string): Palette {
  return theme === "light" ? light : dark;
}
