// The server's types by the names the screens use; the shapes come from docs/openapi.json (`npm run api`).
import type { components, paths } from "./schema";

type S = components["schemas"];

export type Me = S["Me"];
export type ClockNow = S["ClockNow"];
export type Problem = S["Problem"];
export type TicketLine = S["TicketLine"];
export type TicketView = S["TicketView"];
export type AppealView = S["AppealView"];
export type ClockView = S["ClockView"];
export type Due = S["Due"];
export type Day = S["Day"];
export type Action = S["Action"];
export type LedgerEntry = S["LedgerEntry"];
export type Reading = S["Reading"];
export type Unit = S["Unit"];
export type CatalogueEntry = S["CatalogueEntry"];
export type RulebookView = S["RulebookView"];
export type Person = S["Person"];
export type NewTicket = S["NewTicket"];
export type NewAppeal = S["NewAppeal"];
export type Registered = S["Registered"];
export type Command = S["Command"];
export type Kind = S["Kind"];
export type Channel = S["Channel"];
export type Contact = S["Contact"];
export type Satisfaction = S["Satisfaction"];
export type Finding = S["Finding"];
export type HelpKind = S["HelpKind"];
export type CountFilters = NonNullable<paths["/api/v1/tickets/counts"]["get"]["parameters"]["query"]>;
export type ListFilters = NonNullable<paths["/api/v1/tickets"]["get"]["parameters"]["query"]>;
