import { useQuery } from "@tanstack/react-query";
import { api } from "../api/client";
import { unwrap } from "../api/problem";
import { meQuery, queryClient } from "../api/queries";
import type { LoggedIn, Me, Strength } from "../api/types";

/** The session is open: whose it is. What the last account saw is not for the next one. */
export function entered(me: Me): Me {
  const before = queryClient.getQueryData(meQuery.queryKey);
  if (before && before.account !== me.account) queryClient.clear();
  queryClient.setQueryData(meQuery.queryKey, me);
  return me;
}

export function logIn(login: string, password: string): Promise<LoggedIn> {
  return unwrap(api.POST("/api/v1/session", { body: { login, password } }), true);
}

export function showSecondFactor(code: string): Promise<LoggedIn> {
  return unwrap(api.POST("/api/v1/session/second-factor", { body: { code } }), true);
}

export function changePassword(current: string, password: string): Promise<LoggedIn> {
  return unwrap(api.PUT("/api/v1/account/password", { body: { current, password } }), true);
}

export function howStrong(password: string): Promise<Strength> {
  return unwrap(api.POST("/api/v1/account/password/strength", { body: { password } }), true);
}

export async function whoAmI(): Promise<Me> {
  return unwrap(api.GET("/api/v1/session"), true);
}

/** Logs out; `true` where the browser leaves for the identity service, to log out there too. */
export async function logOut(): Promise<boolean> {
  const elsewhere = await unwrap(api.DELETE("/api/v1/session"), true);
  if (elsewhere) {
    window.location.assign(elsewhere.leave);
    return true;
  }
  queryClient.clear();
  queryClient.setQueryData(meQuery.queryKey, null);
  return false;
}

/** Who is logged in. Only inside the shell, which does not open without a session. */
export function useMe(): Me {
  const { data } = useQuery(meQuery);
  if (!data) throw new Error("useMe outside the shell");
  return data;
}

/** Seats that only register see no tickets at all. */
export function seesTickets({ sees }: Me): boolean {
  return sees !== "nothing";
}

/** Whether the server says this account may do something, e.g. `register`, `set-clock`. Nothing is decided here. */
export function useRight(right: string): boolean {
  return useMe().rights.includes(right);
}
