// PROVISIONAL: written by hand in the shape `npm run api` generates, until docs/openapi.json exists.
type Json<T> = { content: { "application/json": T } };
type Ok<T> = { responses: { 200: Json<T>; default: { content: { "application/problem+json": S["Problem"] } } } };
type Created<T> = { responses: { 201: Json<T>; default: { content: { "application/problem+json": S["Problem"] } } } };
type Empty = { responses: { 204: { content?: never }; default: { content: { "application/problem+json": S["Problem"] } } } };
type Q<T> = { parameters: { query?: T } };
type P<T> = { parameters: { path: T } };
type Keyed = { "Idempotency-Key": string };
type Body<T> = { requestBody: Json<T> };
type S = components["schemas"];
type Filters = {
  state?: string; kind?: string; lead?: string; urgent?: boolean; overdue?: boolean; supervised?: boolean;
  confidential?: boolean; channel?: string; q?: string; from?: string; to?: string;
};

export interface paths {
  "/api/v1/session": {
    get: { parameters: {} } & Ok<S["Me"]>;
    post: { parameters: {} } & Body<S["Login"]> & Ok<S["Me"]>;
    delete: { parameters: {} } & Empty;
  };
  "/api/v1/tickets": {
    get: Q<Filters & { sort?: S["Sort"]; cursor?: string; limit?: number }> & Ok<S["TicketPage"]>;
    post: { parameters: { header: Keyed } } & Body<S["NewTicket"]> & Created<S["Registered"]>;
  };
  "/api/v1/tickets/counts": { get: Q<Filters> & Ok<S["Counts"]> };
  "/api/v1/tickets/{number}": { get: P<{ number: string }> & Ok<S["TicketView"]> };
  "/api/v1/tickets/{number}/commands": {
    post: { parameters: { path: { number: string }; header: Keyed & { "If-Match": string } } } & Body<S["Command"]> & Ok<S["TicketView"]>;
  };
  "/api/v1/tickets/{number}/appeals": {
    post: { parameters: { path: { number: string }; header: Keyed & { "If-Match"?: string } } } & Body<S["NewAppeal"]> & Ok<S["TicketView"]>;
  };
  "/api/v1/tickets/{number}/appeals/{no}/reveal": {
    post: { parameters: { path: { number: string; no: number } } } & Body<{ reason: string }> & Ok<S["Person"]>;
  };
  "/api/v1/callers": { post: { parameters: {} } & Body<{ phone: string }> & Ok<{ tickets: S["TicketLine"][] }> };
  "/api/v1/units": { get: { parameters: {} } & Ok<S["Unit"][]> };
  "/api/v1/catalogue": { get: { parameters: {} } & Ok<S["CatalogueEntry"][]> };
  "/api/v1/rulebook": { get: { parameters: {} } & Ok<S["RulebookView"]> };
  "/api/v1/outbox": { get: Q<{ cursor?: string }> & Ok<S["OutboxPage"]> };
  "/api/v1/clock": {
    get: { parameters: {} } & Ok<S["ClockNow"]>;
    post: { parameters: {} } & Body<{ to: string }> & Ok<S["ClockNow"]>;
  };
}

export interface components {
  schemas: {
    Problem: { type?: string; title: string; status: number; detail: string; rule?: string; article?: string; field?: string };
    Login: { login: string; password: string };
    ClockNow: { now: string; kind: "real" | "fixed" | "scaled"; settable: boolean };
    Me: {
      account: string; login: string; name: string; role: string; role_name: string; unit?: string; unit_name?: string;
      place: string; rights: string[]; clock: S["ClockNow"];
    };
    Sort: "urgency" | "newest";
    Kind: "consultation" | "help" | "complaint" | "report" | "suggestion" | "opinion" | "criticism" | "efficacy"
      | "thanks" | "withdrawal" | "harassment" | "invalid";
    Channel: "phone" | "web" | "sms" | "wechat" | "app" | "mail" | "letter" | "visit" | "platform";
    Contact: "phone" | "sms" | "web" | "visit" | "letter";
    Satisfaction: "satisfied" | "basically" | "unsatisfied" | "very-unsatisfied";
    Finding: "unit-fault" | "no-fault" | "exempt";
    HelpKind: "transferred" | "contact" | "explained";
    Due: { clock: string; clock_name: string; at: string; words: string; left: string; article?: string; tone: "ok" | "soon" | "late" };
    TicketLine: {
      number: string; version: number; kind: S["Kind"]; kind_name: string; title: string; state: string; state_name: string;
      urgent: boolean; confidential: boolean; overdue: boolean; supervised: boolean; provisional: boolean;
      channel: S["Channel"]; channel_name: string; lead?: string; lead_name?: string; place?: string; registered_at: string; due?: S["Due"];
    };
    TicketPage: { items: S["TicketLine"][]; next: string | null };
    Counts: { total: number; overdue: number; supervised: number; by_state: { state: string; state_name: string; count: number }[] };
    Person: { name?: string; phone?: string; email?: string; address?: string };
    NewTicket: {
      kind: S["Kind"]; urgent?: boolean; confidential?: boolean; title: string; content: string; place?: string; category?: string;
      channel: S["Channel"]; follow_up_by?: S["Contact"]; earlier?: string[]; appellant: S["Person"];
    };
    Registered: { number: string; version: number; query_code: string };
    NewAppeal: { channel: S["Channel"]; follow_up_by: S["Contact"]; note?: string; appellant: S["Person"] };
    AppealView: {
      no: number; channel: S["Channel"]; channel_name: string; received_at: string; follow_up_by: S["Contact"]; note?: string;
      appellant?: S["Person"];
    };
    Reading: { id: string; question: string; answer: string; like?: string; default: boolean };
    Day: { date: string; weekday: string; role: "start" | "counted" | "weekend" | "holiday" | "make-up" | "paused"; n?: number; note?: string };
    ClockView: {
      id: number; kind: string; name: string; unit?: string; unit_name?: string; from: string; amount: string; due: string; due_words: string; left: string;
      status: "running" | "held" | "paused" | "met" | "void"; ended_at?: string; late: boolean; provisional: boolean; sentence: string;
      article?: string; readings: S["Reading"][]; days: S["Day"][]; extensions: { days: number; due_before: string }[];
      pauses: { from: string; to: string }[];
    };
    Assigned: { unit: string; signed_at?: string | null };
    AssistView: S["Assigned"] & { name: string; result?: { text: string; at: string } | null };
    WorkView: {
      lead: S["Assigned"]; lead_name: string; assists: S["AssistView"][];
      dispatched_at: string; note: string; round: number;
      returning?: { reason: string; basis?: string; redirect?: string; at: string } | null;
      extension?: { days: number; reason: string; at: string } | null; extensions: number;
      contacts: { by: S["Contact"]; reached: boolean; explained: boolean; note: string; unit: string; at: string }[];
      reply: { is: "none" } | { is: "draft"; text: string } | { is: "audited"; text: string; at: string };
      closing?: { ground: string; statement: string; at: string } | null;
    };
    ClosedView: {
      ground: string; statement: string; at: string;
      attempts: { by: S["Contact"]; reached: boolean; note: string; at: string }[]; end?: "rated" | "verified" | "unrated" | null;
    };
    RatingView: {
      result: S["Satisfaction"]; attitude?: S["Satisfaction"] | null; solved?: boolean | null; comment: string; by: S["Contact"]; at: string; round: number;
      verdict?: { finding: S["Finding"]; exempt?: string; reason: string; assessed: boolean };
    };
    LedgerEntry: {
      no: number; ground: string; unit?: string | null; at: string;
      state: { is: "proposed" } | { is: "open"; fault: string } | { is: "measured"; measure: string; notice: string; rectification?: string | null }
        | { is: "ended"; result: string } | { is: "dismissed"; reason: string };
    };
    Moment: { version: number; at: string; who: string; label: string; text: string; tone: string };
    Action: { name: string; label: string; allowed: boolean; reason?: string; article?: string };
    TicketView: S["TicketLine"] & {
      content: string; category?: string | null; appeals: S["AppealView"][]; earlier: string[]; difficult?: string | null; contacts: number;
      referral?: { to: string; question: string } | null; refused?: { class: string; explanation: string; help: { by: S["HelpKind"]; to: string } } | null;
      answered?: { answer: string; entry?: string } | null;
      history?: { unit?: string; assigned_at?: string | null; deadline?: string | null; reply?: string; replied_at?: string | null; satisfaction?: S["Satisfaction"] } | null;
      clocks: S["ClockView"][]; work?: S["WorkView"] | null; closed?: S["ClosedView"] | null; ratings: S["RatingView"][]; redos: number;
      supervision: S["LedgerEntry"][];
      handovers: { to: string; at: string; note: string }[];
      returned_by: { unit: string; at: string; reason: string; redirect?: string }[];
      timeline: S["Moment"][]; messages: { label: string; at: string; state: string; state_name: string }[]; actions: S["Action"][];
      rulebook: string; rulebook_version: number; now: string;
    };
    Unit: { id: string; name: string; kind: string; kind_name: string; parent?: string; active: boolean };
    CatalogueEntry: { matter: string; kind?: S["Kind"]; law?: string; lead: string; lead_name: string; assists: string[]; limit?: string; note?: string };
    Named: { code: string; name: string };
    RulebookView: {
      id: string; name: string; place: string; version: number; kinds: S["Named"][];
      refusals: { id: string; name: string; advice: string; article: string }[]; closure_grounds: S["Named"][]; measures: S["Named"][];
      exempt_grounds: S["Named"][]; supervise_grounds: S["Named"][]; lines: string[]; emergency_matters: string[]; assume: S["Reading"][];
    };
    OutboxItem: { id: string; ticket?: string; kind: string; label: string; to: string; text: string; state: string; state_name: string; at: string; error?: string };
    OutboxPage: { items: S["OutboxItem"][]; next: string | null };
    Call: { to: string; note: string };
    Rate: { result: S["Satisfaction"]; attitude?: S["Satisfaction"]; solved?: boolean; comment?: string };
    Command:
      | { do: "attach-appeal"; channel: S["Channel"]; follow_up_by?: S["Contact"]; note?: string }
      | { do: "rate"; result: S["Satisfaction"] }
      | { do: "mark-difficult"; reason: string }
      | { do: "refer-up"; question: string }
      | { do: "accept"; note?: string }
      | { do: "refuse"; class: string; explanation: string; help: { by: S["HelpKind"]; to?: string } }
      | { do: "answer-at-once"; answer: string; entry?: string }
      | { do: "hand-over"; call: S["Call"]; ends?: boolean }
      | { do: "dispatch"; lead: string; assists?: string[]; note?: string; special?: { limit: string; law: string }; call?: S["Call"] }
      | { do: "sign" }
      | { do: "ask-return"; reason: string; basis?: string; redirect?: string }
      | { do: "open-return"; reason: string }
      | { do: "review-return"; approve: boolean; note: string }
      | { do: "ask-extension"; days: number; reason: string }
      | { do: "review-extension"; approve: boolean; note: string }
      | { do: "record-contact"; by: S["Contact"]; reached: boolean; explained?: boolean; note: string }
      | { do: "deliver-assist"; text: string }
      | { do: "draft-reply"; text: string }
      | { do: "audit-reply"; without_assists?: string }
      | { do: "reopen-reply"; reason: string }
      | { do: "ask-closure"; ground: string; statement: string }
      | { do: "review-closure"; approve: boolean; note: string }
      | { do: "follow-up"; by: S["Contact"]; reached: boolean; note?: string; rating?: S["Rate"] }
      | { do: "verify-rating"; finding: S["Finding"]; exempt?: string; reason: string }
      | { do: "archive" }
      | { do: "propose-supervision"; ground: string; note: string }
      | { do: "open-supervision"; no: number; fault: string }
      | { do: "dismiss-supervision"; no: number; reason: string }
      | { do: "take-measure"; no: number; measure: string; notice: string; rectify_within: string }
      | { do: "report-rectification"; no: number; text: string }
      | { do: "end-supervision"; no: number; result: string };
  };
}
