/** Facts that the ledger refuses: another event under an id it knows (F-10). */
import type { CustomerRecord, Dossier } from "./chronicle.ts";
import { saidOf } from "./papers.ts";

/** True when a record changes nothing; asked before it counts. */
export function isRefused(
  { events }: Dossier,
  { name, value }: CustomerRecord,
): boolean {
  switch (name) {
    case "OrderPlaced":
      return saidOf(events, name).some(
        (said) => said.value.orderId === value.orderId,
      );
    case "InvoiceIssued":
      return saidOf(events, name).some(
        (said) => said.value.invoiceId === value.invoiceId,
      );
    case "InvoiceCredited":
      return saidOf(events, name).some(
        (said) => said.value.creditNoteId === value.creditNoteId,
      );
    case "InvoiceWrittenOff":
      return saidOf(events, name).some(
        (said) => said.value.writeOffId === value.writeOffId,
      );
    case "PaymentReceived":
      return isKnownPayment(events, value.paymentId, value.state);
    case "PaymentRefunded":
      return saidOf(events, name).some(
        (said) => said.value.refundId === value.refundId,
      );
    case "PaymentPromised":
      return saidOf(events, name).some(
        (said) => said.value.promiseId === value.promiseId,
      );
    case "ComplaintOpened":
      return saidOf(events, name).some(
        (said) => said.value.complaintId === value.complaintId,
      );
    case "DeliveryCompleted":
      return saidOf(events, name).some(
        (said) =>
          said.value.deliveryId === value.deliveryId &&
          said.value.orderId === value.orderId,
      );
    case "OrderReturned":
      return saidOf(events, name).some(
        (said) =>
          said.value.returnId === value.returnId &&
          said.value.orderId === value.orderId,
      );
    default:
      return false;
  }
}

/** Only a pending payment is told again, when it clears (F-12). */
function isKnownPayment(
  events: Dossier["events"],
  id: string,
  state: string,
): boolean {
  const before = saidOf(events, "PaymentReceived").filter(
    ({ value }) => value.paymentId === id,
  );
  if (before.length === 0) return false;
  const wasReturned = saidOf(events, "PaymentReturned").some(
    ({ value }) => value.paymentId === id,
  );
  const hasCleared = before.some(({ value }) => value.state === "cleared");
  return wasReturned || hasCleared || state !== "cleared";
}
