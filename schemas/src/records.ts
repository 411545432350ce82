/**
 * TypeScript shape of every Avro record under `avro/`, field for field; a test
 * holds the two together. Times are ms since 1970, days are days since 1970,
 * amounts are minor units of the currency beside them.
 */

/** An order asks for credit. */
export interface OrderPlaced {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  orderId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  /** days since 1970 */
  dueDate: number | null;
  termsDays: number | null;
  channel: string | null;
  shipTo: string | null;
  /** JSON text as sent */
  lines: string | null;
  insured: boolean;
  /** who bought at the customer: a person or an account of it */
  buyer: string | null;
}

/** A newer version of an order. */
export interface OrderAmended {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  orderId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  version: number;
  dueDate: number | null;
}

/** An order is withdrawn. */
export interface OrderCancelled {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  orderId: string;
  reason: string | null;
}

export interface Instalment {
  dueDate: number;
  amount: number;
}

/** A receivable. */
export interface InvoiceIssued {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  invoiceId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  issueDate: number;
  dueDate: number;
  orderId: string | null;
  instalments: Instalment[];
  /** hundredths of a percent off when paid by discountDate; 0 = none */
  discount: number;
  /** days since 1970 */
  discountDate: number | null;
}

/** A credit note on an invoice. */
export interface InvoiceCredited {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  invoiceId: string;
  creditNoteId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  reason: string | null;
}

export interface PaymentAllocation {
  invoiceId: string;
  amount: number;
  /** cash discount taken beside the amount */
  discount: number;
}

/** Money in, cleared or pending. */
export interface PaymentReceived {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  paymentId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  valueDate: number;
  invoiceId: string | null;
  orderId: string | null;
  allocations: PaymentAllocation[];
  method: string | null;
  payerAccount: string | null;
  /** cleared or pending */
  state: string;
}

/** A payment bounced or was reversed. */
export interface PaymentReturned {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  paymentId: string;
  reason: string | null;
}

/** A promise to pay. */
export interface PaymentPromised {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  promiseId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  promiseDate: number;
  invoiceIds: string[];
}

/** Facts of the text, computed at ingest (domain C11). */
export interface TextFacts {
  version: number;
  language: string;
  categories: string[];
  /** fault, liquidity, refusal or none */
  meaning: string;
  /** thousandths */
  severity: number;
  /** distinct words of the text that the facts rest on, gravest first */
  spans: string[];
  /** thousandths, -1000 to 1000: below zero where it complains */
  sentiment: number;
  /** subjects, the heaviest first */
  topics: string[];
  marks: TextMark[];
  amount: NamedAmount | null;
}

/** A place in the text that the facts rest on. */
export interface TextMark {
  /** UTF-16 units of the text as sent */
  start: number;
  /** the first unit behind it */
  end: number;
  topic: string;
}

/** The greatest amount that the text names. */
export interface NamedAmount {
  /** minor units; of two decimals where no currency is named */
  amount: number;
  currency: string | null;
}

/** A complaint, with facts of its text. */
export interface ComplaintOpened {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  complaintId: string;
  text: string | null;
  language: string | null;
  category: string | null;
  /** thousandths, as sent */
  severity: number | null;
  orderId: string | null;
  invoiceId: string | null;
  disputedAmount: number | null;
  currency: string | null;
  facts: TextFacts | null;
}

/** A complaint is closed. */
export interface ComplaintResolved {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  complaintId: string;
  /** accepted, partly or rejected */
  outcome: string;
  note: string | null;
}

/** Master data; absent fields stay. */
export interface CustomerUpserted {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  name: string | null;
  segment: string | null;
  industry: string | null;
  country: string | null;
  currency: string | null;
  termsDays: number | null;
  /** days since 1970 */
  since: number | null;
  groupId: string | null;
  owner: string | null;
  /** minor units of currency */
  creditLimit: number | null;
}

/** An outside rating. */
export interface CustomerRated {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  agency: string;
  rating: string;
  /** 0-100 */
  normalised: number;
  /** days since 1970 */
  ratedAt: number;
}

/** A credit limit decided outside or by a person. */
export interface CustomerLimitSet {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  /** standing or temporary */
  kind: string;
  reason: string;
  /** ms */
  validFrom: number | null;
  /** ms */
  validTo: number | null;
}

/** Erase all that is kept of the customer. */
export interface CustomerErased {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  reason: string | null;
}

/** Goods of an order came back. */
export interface OrderReturned {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  returnId: string;
  orderId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  reason: string | null;
}

/** Goods of an order went out; not billed yet. */
export interface DeliveryCompleted {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  deliveryId: string;
  orderId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
}

/** Money given back of a payment. */
export interface PaymentRefunded {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  refundId: string;
  paymentId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  /** days since 1970; null: the day of the event */
  valueDate: number | null;
  reason: string | null;
}

/** What is given up of an invoice. */
export interface InvoiceWrittenOff {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  writeOffId: string;
  invoiceId: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  reason: string | null;
}

/** Insurance, guarantee, deposit or collateral, as it stands from now on. */
export interface CoverSet {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  coverId: string;
  /** insurance, guarantee, deposit or collateral */
  kind: string;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
  /** permille of the amount that counts */
  coverage: number;
  /** limit or exposure */
  countsIn: string;
  /** ms */
  validFrom: number | null;
  /** ms, exclusive */
  validTo: number | null;
  issuer: string | null;
  policy: string | null;
}

/** How a milestone of a contract stands. */
export interface MilestoneReported {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  milestoneId: string;
  contractId: string | null;
  dueDate: number;
  /** days since 1970; null: not done yet */
  doneDate: number | null;
}

/** An entry in a public register: court, execution, insolvency, tax default. */
export interface RegisterReported {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  registerId: string;
  /** court, execution, insolvency or tax-default */
  kind: string;
  /** open or closed */
  status: string;
  /** days since 1970 */
  date: number;
  authority: string | null;
}

/** Risk level of the customer's industry. */
export interface IndustryRated {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  industry: string | null;
  /** 0 low, 1 neutral, 2 raised, 3 high */
  level: number;
  /** days since 1970; null: the day of the event */
  ratedAt: number | null;
}

/** A reminder went out, or the case went further. */
export interface DunningSent {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  dunningId: string;
  /** 1-9; 8 agency, 9 court */
  level: number;
  invoiceId: string | null;
  channel: string | null;
  result: string | null;
}

/** Open receivables of a customer in one currency, as the ERP counts them at the end of a day. */
export interface BalanceReported {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  /** days since 1970 */
  asOf: number;
  /** minor units of currency */
  amount: number;
  /** ISO 4217 */
  currency: string;
}

/** A group of customers, its parent and its common limit. */
export interface GroupSet {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  /** the group's subject: #group: and its id */
  customerId: string;
  groupId: string;
  name: string | null;
  /** group id of the parent */
  parent: string | null;
  /** minor units of currency; null = none */
  limit: number | null;
  /** ISO 4217 */
  currency: string | null;
}

/** Two customers turn out to be one. */
export interface CustomerMerged {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  /** the id that ends */
  customerId: string;
  /** the id that stays */
  into: string;
}

/** What a merged customer was, handed to the customer it became part of. */
export interface CustomerMoved {
  /** the customer that takes it */
  customerId: string;
  /** partition-offset of the merge: applied once */
  mergeId: string;
  from: string;
  /** how often it was passed on */
  hops: number;
  /** log time of the merge, ms */
  time: number;
  /** of the merge event */
  eventId: string;
  /** layout byte and Avro CustomerState */
  state: Uint8Array;
}

/** What a person decided on an alert, an order or a customer. */
export interface OperatorAction {
  /** identity with source */
  eventId: string;
  source: string;
  /** event time, ms since 1970 */
  time: number;
  /** loaded history: scored, never pushed */
  historical: boolean;
  customerId: string;
  actionId: string;
  actor: string;
  /** alert, order or customer */
  target: string;
  targetId: string;
  action: string;
  /** actionVersion seen */
  expected: number | null;
  reason: string | null;
  note: string | null;
  amount: number | null;
  currency: string | null;
  kind: string | null;
  /** ms */
  until: number | null;
  assignee: string | null;
  secondActor: string | null;
}

/** Carries log time only. */
export interface Tick {}

/** Everything a decision reads. */
export interface RuleSet {
  version: number;
  effectiveAt: number;
  logic: number;
  /** JSON of the rule set */
  body: string;
}

/** Exchange rates: units of the key for one of base. */
export interface Fx {
  version: number;
  effectiveAt: number;
  /** days since 1970 */
  asOf: number;
  base: string;
  rates: Record<string, string>;
}

export interface SegmentPrior {
  orders: number;
  /** minor units of the reporting currency */
  orderP95: number;
  /** minor units of the reporting currency */
  orderP99: number;
}

export interface SourceSum {
  source: string;
  /** live records folded so far */
  events: number;
  /** of them, behind their customer's newest */
  late: number;
  /** of them, behind by more than a day */
  veryLate: number;
  /** append time of the newest, ms */
  last: number;
}

export interface DayTally {
  /** local day counted; 0 = none */
  day: number;
  /** tests of statistical rules that day */
  tests: number;
  /** their findings by bucket of p */
  tails: number[];
  /** candidates of the alert budget by bucket of rank */
  ranks: number[];
}

export interface ExposurePart {
  customerId: string;
  /** minor units of the reporting currency */
  exposure: number;
}

export interface PortfolioGroup {
  groupId: string;
  name: string;
  parent: string | null;
  /** minor units of currency */
  limit: number | null;
  currency: string;
  /** direct members */
  members: number;
  /** exposure of direct members by partition, reporting minor units */
  parts: number[];
  /** largest direct members, of groups near their limit only */
  top: ExposurePart[];
}

export interface ExpectedCash {
  /** first day */
  from: number;
  /** last day */
  to: number;
  p10: number;
  p50: number;
}

/** Who owes past its due date, and how much, reporting minor units. */
export interface OverdueCustomer {
  customerId: string;
  name: string;
  overdue: number;
}

/** What crosses customers, cut at one position per partition. */
export interface Portfolio {
  /** who owes most past its due date, where a week of expected cash is over */
  overdueTop: OverdueCustomer[];
  seq: number;
  at: number;
  cut: number[];
  totals: Record<string, number>;
  segments: Record<string, SegmentPrior>;
  /** alert hygiene, all partitions together */
  tally: DayTally;
  sources: SourceSum[];
  /** dead letters written so far, of every stage */
  deadLetters: number;
  /** names this record for the next one */
  id: string;
  /** record whose groups this one changes; empty = all groups are here */
  basis: string;
  groups: PortfolioGroup[];
  /** largest customers */
  top: ExposurePart[];
  /** customers by ten points of score from 300 on */
  scores: number[];
  /** invoices settled so far */
  settled: number;
  /** of these, late */
  settledLate: number;
  /** cleared money received so far, reporting minor units */
  received: number;
  /** matured scores so far, by the bins of `scores` */
  labels: number[];
  /** of these, those that went bad */
  bad: number[];
  /** expected cash of the week that begins */
  expected: ExpectedCash | null;
}

/** Maps append time to simulated time. */
export interface Clock {
  version: number;
  effectiveAt: number;
  anchorAppend: number;
  anchorTime: number;
  speed: number;
}

/** A historical source is complete. */
export interface HistorySealed {
  source: string;
  /** greatest event time of the source, ms */
  floor: number;
}

/** Pass one poisoned record of this partition. */
export interface Skip {
  offset: number;
  actor: string;
  reason: string;
}

export interface Points {
  code: string;
  value: string;
  bin: string;
  points: number;
  before: number;
}

export interface Reason {
  code: string;
  textZh: string;
  textEn: string;
  number: string;
  points: number;
}

/** A score moved. */
export interface ScoreChange {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  id: string;
  customerId: string;
  name: string;
  segment: string;
  at: number;
  appendedAt: number;
  from: number | null;
  score: number;
  classBefore: string | null;
  class: string;
  base: number;
  points: Points[];
  capEffect: number;
  cap: string | null;
  pd: string;
  reasons: Reason[];
  cause: string[];
  corrected: boolean;
  muted: boolean;
  rulesetVersion: number;
  exposure: number;
  overdue: number;
  limit: number | null;
  currency: string;
  textZh: string;
  textEn: string;
}

export interface AlertAction {
  at: number;
  actor: string;
  action: string;
  note: string;
}

/** A snapshot of an alert, whole. */
export interface Alert {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  appendedAt: number;
  actionId: string | null;
  alertId: string;
  ruleId: string;
  nameZh: string;
  nameEn: string;
  customerId: string;
  customerName: string;
  /** what the episode is about */
  ref: string;
  severity: string;
  state: string;
  version: number;
  actionVersion: number;
  openedAt: number;
  updatedAt: number;
  eventTime: number;
  triggerEventIds: string[];
  reasons: Reason[];
  /** JSON */
  explain: string;
  titleZh: string;
  titleEn: string;
  suggestedZh: string;
  suggestedEn: string;
  moneyAtRisk: number;
  currency: string;
  exposureBefore: number;
  exposureAfter: number;
  limit: number | null;
  /** permille */
  utilisation: number | null;
  score: number;
  class: string;
  pd: string;
  orderId: string | null;
  invoiceId: string | null;
  complaintId: string | null;
  assignee: string | null;
  snoozedUntil: number | null;
  muted: boolean;
  rulesetVersion: number;
  actions: AlertAction[];
  /** alert that leads it: both have one cause, only the leader is told */
  parent: string | null;
  /** why nobody is told of it: fdr, budget or maintenance (domain C10.10) */
  quiet: string | null;
  /** the first snapshot by which somebody is told: push it */
  announce: boolean;
}

export interface RuleHit {
  code: string;
  textZh: string;
  textEn: string;
  value: string;
  threshold: string;
}

/** May this order be shipped? */
export interface Decision {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  id: string;
  eventId: string;
  source: string;
  actionId: string | null;
  appendedAt: number;
  orderId: string;
  customerId: string;
  name: string;
  amount: number;
  currency: string;
  /** in the reporting currency */
  amountBase: number;
  outcome: string;
  codes: string[];
  hits: RuleHit[];
  /** order, recheck or person */
  trigger: string;
  releaseCode: string | null;
  score: number;
  class: string;
  exposureBefore: number;
  exposureAfter: number;
  limit: number | null;
  reportingCurrency: string;
  clearsZh: string;
  clearsEn: string;
  actor: string | null;
  reason: string | null;
  muted: boolean;
  rulesetVersion: number;
  decidedAt: number;
  /** the group with the least room */
  group: DecisionGroup | null;
}

export interface DecisionGroup {
  groupId: string;
  exposureBefore: number;
  exposureAfter: number;
  /** reporting minor units */
  limit: number | null;
  /** of the snapshot of other partitions, ms */
  asOf: number;
  /** of that snapshot at the decision */
  ageMs: number;
}

/** What became of an operator action that has no snapshot of its own, or was refused. */
export interface ActionOutcome {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  appendedAt: number;
  actionId: string;
  customerId: string;
  target: string;
  targetId: string;
  /** applied or refused */
  outcome: string;
  code: string;
  message: string;
  /** JSON of the target as it stands */
  current: string;
}

/** Something a rule found of which nobody is told, and why. */
export interface AlertSuppressed {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  id: string;
  appendedAt: number;
  at: number;
  customerId: string;
  customerName: string;
  segment: string;
  ruleId: string;
  /** what the episode is about */
  ref: string;
  severity: string;
  /** cause, cooldown, fdr, budget, maintenance or full */
  reason: string;
  /** what the rule measured */
  value: number;
  /** what it was held against: chance, rank or value */
  threshold: number | null;
  moneyAtRisk: number;
  currency: string;
  /** the alert that exists all the same */
  alertId: string | null;
  /** alert that leads it */
  parent: string | null;
  titleZh: string;
  titleEn: string;
  rulesetVersion: number;
}

/** What became of a credit limit, or what is proposed for it. */
export interface LimitChange {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  id: string;
  appendedAt: number;
  actionId: string | null;
  customerId: string;
  name: string;
  at: number;
  /** proposed, automatic, set, requested, approved, rejected, lapsed or expired */
  kind: string;
  /** standing or temporary */
  limitKind: string;
  /** minor units of currency; null: no limit */
  before: number | null;
  after: number | null;
  currency: string;
  /** ms */
  validTo: number | null;
  actor: string | null;
  secondActor: string | null;
  reason: string | null;
  /** JSON: the arithmetic of C9 */
  proposal: string | null;
  cause: string[];
  muted: boolean;
  rulesetVersion: number;
}

/** A record too late to be applied. */
export interface Late {
  partition: number;
  offset: number;
  /** ordinal inside the input record */
  n: number;
  reason: string;
  eventId: string;
  source: string;
  type: string;
  customerId: string;
  time: number;
  appendedAt: number;
  raw: Uint8Array;
}

/** A record that could not be taken, with the exact reason. */
export interface DeadLetter {
  id: string;
  at: number;
  /** http, gate, import or fold */
  stage: string;
  source: string | null;
  eventId: string | null;
  customerId: string | null;
  type: string | null;
  code: string;
  path: string | null;
  message: string;
  raw: Uint8Array;
  topic: string | null;
  /** of the topic, or -1 */
  partition: number;
  /** of the topic, or -1 */
  offset: number;
}

export interface ManualHold {
  kind: string;
  reason: string;
  at: number;
}

export interface LimitLine {
  amount: number;
  currency: string;
  from: number;
  to: number | null;
  reason: string;
  /** Event time of what set it, ms. */
  setAt: number;
  /** When the amount was last decided live, ms; 0 = not known. */
  reviewed: number;
  /** Person who set it; empty: a system. */
  by: string;
  /** Person who approved it; empty: nobody had to. */
  second: string;
}

/** A limit that a second person has to approve (C9.5). */
export interface LimitRequest {
  version: number;
  amount: number;
  currency: string;
  kind: string;
  /** ms */
  to: number | null;
  reason: string;
  actor: string;
  /** ms */
  at: number;
}

/** What is remembered of limits besides the lines in force. */
export interface LimitBook {
  /** Last proposal told, minor units of the reporting currency; -1 = none. */
  proposal: number;
  /** Local day of the last computation; 0 = never. */
  proposalDay: number;
  /** Local day of the last automatic change; 0 = never. */
  automaticDay: number;
  /** Local day by which the limit is to be reviewed; 0 = none. */
  reviewDue: number;
  /** Decision the review day counts from, ms; 0 = not known. */
  reviewedAt: number;
  /** An alert brought the day forward. */
  reviewAsked: boolean;
  /** Requests so far: the version of the last. */
  requests: number;
  request: LimitRequest | null;
}

export interface Rating {
  agency: string;
  rating: string;
  normalised: number;
  day: number;
}

export interface Loading {
  clock: number;
  until: number;
}

export interface OrderDecision {
  outcome: string;
  codes: string[];
  score: number;
  class: string;
  before: number;
  after: number;
  limit: number | null;
  ruleset: number;
  at: number;
}

/** Goods that went out or came back. */
export interface GoodsMove {
  id: string;
  /** negative: came back */
  amount: number;
  currency: string;
}

/** What of an order is with the customer. */
export interface Goods {
  /** delivered and not billed, minor units of the order */
  unbilled: number;
  moves: GoodsMove[];
}

export interface OrderItem {
  id: string;
  placed: number;
  eventId: string;
  source: string;
  amount: number;
  currency: string;
  base: number;
  /** invoiced by dropped invoices */
  frozen: number;
  open: number;
  due: number | null;
  version: number;
  status: number;
  changed: number;
  recheck: number;
  expires: number;
  decision: OrderDecision | null;
  goods: Goods | null;
}

export interface InstalmentItem {
  due: number;
  amount: number;
  /** day on which it was paid in full; 0 = open */
  paid: number;
}

export interface InvoiceItem {
  id: string;
  orderId: string | null;
  issue: number;
  due: number;
  amount: number;
  currency: string;
  base: number;
  /** paid by dropped payments */
  frozen: number;
  frozenDay: number;
  credited: number;
  open: number;
  disputed: number;
  disputedDay: number;
  /** 0 = open */
  settledDay: number;
  /** what was counted of it: core/settlement-marks.ts */
  marks: number;
  parts: InstalmentItem[];
}

export interface WantedAllocation {
  invoiceId: string;
  amount: number;
  /** cash discount taken beside the amount */
  discount: number;
}

export interface PaymentItem {
  id: string;
  day: number;
  amount: number;
  currency: string;
  base: number;
  invoiceId: string | null;
  orderId: string | null;
  allocations: WantedAllocation[];
  /** 0 cleared, 1 pending, 2 returned */
  status: number;
  free: number;
}

export interface CreditItem {
  id: string;
  invoiceId: string;
  amount: number;
  currency: string;
  day: number;
}

/** Money given back of a payment (F-18). */
export interface RefundItem {
  id: string;
  paymentId: string;
  amount: number;
  currency: string;
  day: number;
  /** what the customer owes of it again */
  open: number;
  /** part that came back with payments no longer kept */
  frozen: number;
}

/** Insurance, guarantee, deposit or collateral. */
export interface CoverItem {
  id: string;
  kind: string;
  amount: number;
  currency: string;
  /** permille of the amount that counts */
  coverage: number;
  /** limit or exposure */
  countsIn: string;
  /** ms */
  from: number;
  /** ms, exclusive; null = no end */
  to: number | null;
  /** policy number or issuer; empty = not known */
  policy: string;
  /** event time of what set it, ms */
  setAt: number;
}

export interface MilestoneItem {
  id: string;
  due: number;
  /** 0 = not done */
  done: number;
  setAt: number;
}

export interface RegisterItem {
  id: string;
  kind: string;
  day: number;
  isOpen: boolean;
  setAt: number;
}

export interface IndustryLevel {
  level: number;
  day: number;
  setAt: number;
}

/** Highest level reached for an invoice; empty id: for the customer. */
export interface DunningItem {
  id: string;
  level: number;
  day: number;
}

/** What others say of a customer, and what was said to it. */
export interface OutsideFacts {
  milestones: MilestoneItem[];
  registers: RegisterItem[];
  industry: IndustryLevel | null;
  dunnings: DunningItem[];
}

export interface PromiseItem {
  id: string;
  amount: number;
  currency: string;
  day: number;
  made: number;
  received: number;
  /** Part of `received` of payments no longer kept. */
  frozen: number;
  status: number;
  invoiceIds: string[];
}

export interface ComplaintItem {
  id: string;
  day: number;
  meaning: string;
  severity: number;
  invoiceId: string | null;
  disputed: number;
  status: number;
}

export interface Orphan {
  kind: string;
  ref: string;
  time: number;
  amount: number;
  version: number;
  text: string;
}

export interface OpenAlert {
  alertId: string;
  ruleId: string;
  nameZh: string;
  nameEn: string;
  customerId: string;
  customerName: string;
  /** what the episode is about */
  ref: string;
  severity: string;
  state: string;
  version: number;
  actionVersion: number;
  openedAt: number;
  updatedAt: number;
  eventTime: number;
  triggerEventIds: string[];
  reasons: Reason[];
  /** JSON */
  explain: string;
  titleZh: string;
  titleEn: string;
  suggestedZh: string;
  suggestedEn: string;
  moneyAtRisk: number;
  currency: string;
  exposureBefore: number;
  exposureAfter: number;
  limit: number | null;
  /** permille */
  utilisation: number | null;
  score: number;
  class: string;
  pd: string;
  orderId: string | null;
  invoiceId: string | null;
  complaintId: string | null;
  assignee: string | null;
  snoozedUntil: number | null;
  muted: boolean;
  rulesetVersion: number;
  actions: AlertAction[];
  /** alert that leads it: both have one cause, only the leader is told */
  parent: string | null;
  /** why nobody is told of it: fdr, budget or maintenance (domain C10.10) */
  quiet: string | null;
}

export interface Episode {
  ruleId: string;
  ref: string;
  severity: string;
  value: number;
  until: number;
  /** what the cool-down kept quiet was recorded once */
  hushed: boolean;
}

export interface Summary {
  exposure: number;
  receivables: number;
  openOrders: number;
  unallocated: number;
  overdue: number;
  age0: number;
  age1: number;
  age31: number;
  age61: number;
  age91: number;
  dpdMax: number;
  /** -1 = none */
  limit: number;
  expectedLoss: number;
  alerts: number[];
}

export interface Anomaly {
  day: number;
  /** of one order, reporting minor units; 0 = a burst */
  amount: number;
  /** orders of a burst */
  orders: number;
}

export interface Alias {
  id: string;
  /** since when, ms */
  from: number;
  mergeId: string;
}

export interface LateDay {
  day: number;
  settled: number;
  late: number;
}

export interface AgeMonth {
  /** months since 1970 */
  month: number;
  age1: number;
  age31: number;
}

export interface ExpectedWeek {
  from: number;
  to: number;
  p10: number;
  p50: number;
  /** received before it began */
  received: number;
}

export interface PortfolioBook {
  settled: number;
  settledLate: number;
  received: number;
  /** local day of the last record */
  day: number;
  days: LateDay[];
  /** amounts 1-30 and 31-60 days past due at the end of each month */
  months: AgeMonth[];
  /** scores of the baseline */
  baseline: number[];
  baselineDay: number;
  expected: ExpectedWeek | null;
  /** weeks below P10 in a row */
  missed: number;
}

export interface Across {
  /** the customer this id is another name of */
  mergedInto: string | null;
  /** since when, ms */
  mergedAt: number;
  /** ids that became part of this customer */
  aliases: Alias[];
  /** of #portfolio only */
  portfolio: PortfolioBook | null;
}

export interface Observed {
  day: number;
  score: number;
  /** worst days past due since, days */
  worst: number;
}

/** All that is kept of one customer. Packed fields: processor/src/core/packing.ts. */
export interface Sentiment {
  /** mean tone of complaints, decaying: -1 bitter to 1 content */
  value: number;
  /** event time of the newest of them, ms */
  at: number;
  /** complaints with a text in it */
  n: number;
}

export interface RecentOrder {
  id: string;
  /** hash of its ship-to; 0 = it says none */
  place: number;
  /** hash of who bought; 0 = it does not say */
  buyer: number;
}

export interface CustomerState {
  id: string;
  name: string;
  segment: string;
  industry: string;
  country: string;
  currency: string;
  owner: string;
  groupId: string | null;
  /** what crosses customers; null for almost all */
  across: Across | null;
  /** the score whose outcome is awaited (C5) */
  observed: Observed | null;
  termsDays: number;
  since: number | null;
  /** Event times of the master data, by `masterFields`, ms; [] = long ago. */
  masterAt: number[];
  watch: boolean;
  hold: ManualHold | null;
  standing: LimitLine | null;
  temporary: LimitLine | null;
  limits: LimitBook | null;
  rating: Rating | null;
  loading: Loading | null;
  /** greatest event time seen */
  clock: number;
  /** last rolled local day */
  day: number;
  firstOrder: number | null;
  /** events at or below are late; 0 = none */
  floor: number;
  /** 12-byte entries: id hash, event minute */
  seen: Uint8Array;
  /** 12-byte entries: id hash, source hash */
  history: Uint8Array;
  orders: OrderItem[];
  invoices: InvoiceItem[];
  payments: PaymentItem[];
  credits: CreditItem[];
  promises: PromiseItem[];
  complaints: ComplaintItem[];
  orphans: Orphan[];
  tiles: Uint8Array;
  orderRing: Uint8Array;
  delayRing: Uint8Array;
  exposureDays: Uint8Array;
  scoreLog: Uint8Array;
  monthLast: number;
  monthMask: number;
  /** 0 = not scored */
  score: number;
  class: string;
  points: number[];
  capEffect: number;
  cap: string;
  /** Since when above the cut-off of A, B, C, D by the margin, ms (C4). */
  climbing: number[];
  /** class before the last change; empty = none */
  classBefore: string;
  /** when the class last changed, ms; 0 = never */
  classAt: number;
  /** CUSUM of days beyond terms, thousandths of a deviation */
  cusum: number;
  /** delivery places and payer accounts: hash and day first seen, packed */
  places: Uint8Array;
  payers: Uint8Array;
  rulesetVersion: number;
  alerts: OpenAlert[];
  episodes: Episode[];
  summary: Summary;
  /** earliest due, 0 = none */
  wake: number;
  asOf: number;
  refunds: RefundItem[];
  writeOffs: CreditItem[];
  covers: CoverItem[];
  outside: OutsideFacts | null;
  /** rare counts by day, packed: core/tallies.ts */
  tallies: Uint8Array;
  /** orders that people confirmed as anomalies: no part of a baseline (F-29) */
  anomalies: Anomaly[];
  /** standing limit that was decided and begins later */
  coming: LimitLine | null;
  sentiment: Sentiment | null;
  /** orders of the last day or two that say where to or who bought (ORD-04) */
  recent: RecentOrder[];
}

/** Record types a customer's events arrive as, keyed by contract type. */
export const businessTypes = {
  "order.placed": "OrderPlaced",
  "order.amended": "OrderAmended",
  "order.cancelled": "OrderCancelled",
  "invoice.issued": "InvoiceIssued",
  "invoice.credited": "InvoiceCredited",
  "payment.received": "PaymentReceived",
  "payment.returned": "PaymentReturned",
  "payment.promised": "PaymentPromised",
  "complaint.opened": "ComplaintOpened",
  "complaint.resolved": "ComplaintResolved",
  "customer.upserted": "CustomerUpserted",
  "customer.rated": "CustomerRated",
  "customer.limit-set": "CustomerLimitSet",
  "customer.erased": "CustomerErased",
  "customer.merged": "CustomerMerged",
  "group.set": "GroupSet",
  "order.returned": "OrderReturned",
  "delivery.completed": "DeliveryCompleted",
  "payment.refunded": "PaymentRefunded",
  "invoice.written-off": "InvoiceWrittenOff",
  "cover.set": "CoverSet",
  "milestone.reported": "MilestoneReported",
  "register.reported": "RegisterReported",
  "industry.rated": "IndustryRated",
  "dunning.sent": "DunningSent",
  "balance.reported": "BalanceReported",
} as const;
export type BusinessType = keyof typeof businessTypes;
export type BusinessRecordName = (typeof businessTypes)[BusinessType];

/** Contract type of a business record name. */
export function contractType(name: BusinessRecordName): BusinessType {
  const hit = businessEntries.find(([, record]) => record === name);
  if (!hit) throw new Error(`no contract type for ${name}`);
  return hit[0];
}
const businessEntries = Object.entries(businessTypes) as [
  BusinessType,
  BusinessRecordName,
][];

/** Every record type by name. */
export interface Records {
  OrderPlaced: OrderPlaced;
  OrderAmended: OrderAmended;
  OrderCancelled: OrderCancelled;
  InvoiceIssued: InvoiceIssued;
  InvoiceCredited: InvoiceCredited;
  PaymentReceived: PaymentReceived;
  PaymentReturned: PaymentReturned;
  PaymentPromised: PaymentPromised;
  ComplaintOpened: ComplaintOpened;
  ComplaintResolved: ComplaintResolved;
  CustomerUpserted: CustomerUpserted;
  CustomerRated: CustomerRated;
  CustomerLimitSet: CustomerLimitSet;
  CustomerErased: CustomerErased;
  CustomerMerged: CustomerMerged;
  GroupSet: GroupSet;
  CustomerMoved: CustomerMoved;
  OrderReturned: OrderReturned;
  DeliveryCompleted: DeliveryCompleted;
  PaymentRefunded: PaymentRefunded;
  InvoiceWrittenOff: InvoiceWrittenOff;
  CoverSet: CoverSet;
  MilestoneReported: MilestoneReported;
  RegisterReported: RegisterReported;
  IndustryRated: IndustryRated;
  DunningSent: DunningSent;
  BalanceReported: BalanceReported;
  OperatorAction: OperatorAction;
  Tick: Tick;
  RuleSet: RuleSet;
  Fx: Fx;
  Portfolio: Portfolio;
  Clock: Clock;
  HistorySealed: HistorySealed;
  Skip: Skip;
  ScoreChange: ScoreChange;
  Alert: Alert;
  Decision: Decision;
  ActionOutcome: ActionOutcome;
  LimitChange: LimitChange;
  AlertSuppressed: AlertSuppressed;
  Late: Late;
  DeadLetter: DeadLetter;
  CustomerState: CustomerState;
}
export type RecordName = keyof Records;

/** Avro file of each record, under `avro/`. */
export const recordFiles: Readonly<Record<RecordName, string>> = {
  OrderPlaced: "order-placed.v1.avsc",
  OrderAmended: "order-amended.v1.avsc",
  OrderCancelled: "order-cancelled.v1.avsc",
  InvoiceIssued: "invoice-issued.v1.avsc",
  InvoiceCredited: "invoice-credited.v1.avsc",
  PaymentReceived: "payment-received.v1.avsc",
  PaymentReturned: "payment-returned.v1.avsc",
  PaymentPromised: "payment-promised.v1.avsc",
  ComplaintOpened: "complaint-opened.v1.avsc",
  ComplaintResolved: "complaint-resolved.v1.avsc",
  CustomerUpserted: "customer-upserted.v1.avsc",
  CustomerRated: "customer-rated.v1.avsc",
  CustomerLimitSet: "customer-limit-set.v1.avsc",
  CustomerErased: "customer-erased.v1.avsc",
  CustomerMerged: "customer-merged.v1.avsc",
  GroupSet: "group-set.v1.avsc",
  CustomerMoved: "customer-moved.v1.avsc",
  OrderReturned: "order-returned.v1.avsc",
  DeliveryCompleted: "delivery-completed.v1.avsc",
  PaymentRefunded: "payment-refunded.v1.avsc",
  InvoiceWrittenOff: "invoice-written-off.v1.avsc",
  CoverSet: "cover-set.v1.avsc",
  MilestoneReported: "milestone-reported.v1.avsc",
  RegisterReported: "register-reported.v1.avsc",
  IndustryRated: "industry-rated.v1.avsc",
  DunningSent: "dunning-sent.v1.avsc",
  BalanceReported: "balance-reported.v1.avsc",
  OperatorAction: "operator-action.v1.avsc",
  Tick: "tick.v1.avsc",
  RuleSet: "rule-set.v1.avsc",
  Fx: "fx.v1.avsc",
  Portfolio: "portfolio.v1.avsc",
  Clock: "clock.v1.avsc",
  HistorySealed: "history-sealed.v1.avsc",
  Skip: "skip.v1.avsc",
  ScoreChange: "score-change.v1.avsc",
  Alert: "alert.v1.avsc",
  Decision: "decision.v1.avsc",
  ActionOutcome: "action-outcome.v1.avsc",
  LimitChange: "limit-change.v1.avsc",
  AlertSuppressed: "alert-suppressed.v1.avsc",
  Late: "late.v1.avsc",
  DeadLetter: "dead-letter.v1.avsc",
  CustomerState: "customer-state.v1.avsc",
};

/** A decoded record with its name: the value a topic carries. */
export type NamedRecord = {
  [Name in RecordName]: { readonly name: Name; readonly value: Records[Name] };
}[RecordName];

export type BusinessRecord = Extract<NamedRecord, { name: BusinessRecordName }>;
