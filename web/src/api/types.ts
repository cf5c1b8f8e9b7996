// The server's types by the names the screens use; the shapes come from docs/openapi.json (`npm run api`).
import type { components, paths } from "./schema";

type S = components["schemas"];

export type AuditItem = S["AuditItem"];
export type AuditFilters = Omit<NonNullable<paths["/api/v1/audit"]["get"]["parameters"]["query"]>, "cursor">;
export type FileView = S["FileView"];
export type FileRules = S["FileRules"];
export type FilePurpose = S["FilePurpose"];
export type Me = S["Me"];
export type Problem = S["Problem"];
export type TicketLine = S["TicketLine"];
export type TicketView = S["TicketView"];
export type AppealView = S["AppealView"];
export type ClockView = S["ClockView"];
export type Due = S["DueView"];
export type Day = S["DayView"];
export type Action = S["ActionState"];
export type ActionName = S["Action"];
export type LedgerEntry = S["LedgerEntry"];
export type Reading = S["ReadingView"];
export type Unit = S["UnitView"];
export type CatalogueEntry = S["CatalogueView"];
export type CatalogueVersion = S["CatalogueVersionView"];
export type RulebookView = S["RulebookView"];
export type CommandForm = S["CommandForm"];
export type CommandForms = S["CommandForms"];
export type FieldForm = S["FieldForm"];
export type Basis = S["Basis"];
export type Told = S["Told"];
export type ChangeKind = S["ChangeKind"];
export type ConductState = S["ConductState"];
export type ExclusionState = S["ExclusionState"];
export type StateCode = S["StateName"];
/** An appellant, masked or opened. */
export type Person = S["OpenAppellant"];
export type NewTicket = S["RegisterTicket"];
export type NewAppeal = S["NewAppeal"];
export type Registered = S["Registered"];
export type Command = S["Command"];
export type Counts = S["Counts"];
export type Kind = S["Kind"];
export type Channel = S["Channel"];
export type Contact = S["Contact"];
export type Satisfaction = S["Satisfaction"];
export type Finding = S["Finding"];
export type HelpKind = S["HelpKind"];
export type ListFilters = NonNullable<paths["/api/v1/tickets"]["get"]["parameters"]["query"]>;
