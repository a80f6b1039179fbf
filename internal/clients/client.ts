// A small client in TypeScript, with types that are made of the API's description. It is
// compiled with every strictness on, and run: usage, node client.js <address> <token>.
import createClient from "openapi-fetch";
import type { components, paths } from "./api.js";

type Ticket = components["schemas"]["Ticket"];
type TicketPart = components["schemas"]["TicketPart"];
type TicketPage = components["schemas"]["TicketPage"];
type Problem = components["schemas"]["Problem"];

declare const process: { argv: string[] };
const [address = "", token = ""] = process.argv.slice(2);
const api = createClient<paths>({
  baseUrl: address,
  headers: { Authorization: `Bearer ${token}` },
  querySerializer: { array: { style: "form", explode: false } }, // lists are separated by commas
});

function must<T>(holds: T | undefined | null | false, what: string): T {
  if (!holds) throw new Error(`not so: ${what}`);
  return holds;
}

async function open(title: string): Promise<Ticket> {
  const { data, error } = await api.POST("/api/tickets/", {
    params: { header: { "Idempotency-Key": "client-ts" } },
    body: { title, description: "It smells.", priority: "high" },
  });
  if (error) throw new Error(error.detail);
  return data;
}

// count follows the cursor to the end.
async function count(): Promise<number> {
  let seen = 0;
  let query: NonNullable<paths["/api/tickets/"]["get"]["parameters"]["query"]> = { limit: 1, sort: "-created_at" };
  for (;;) {
    const answer = await api.GET("/api/tickets/", { params: { query } });
    const page: TicketPage = must(answer.data, "a page");
    seen += page.items.length;
    if (page.next === null) return seen;
    query = { ...query, cursor: page.next };
  }
}

const ticket = await open("Printer on fire");
const assignee: string | null = ticket.assignee;
must(assignee === null && ticket.status === "new", "a new ticket has no assignee yet");
must((await open("Printer on fire")).id === ticket.id, "the same key makes no second ticket");
must((await count()) === 1, "pages end");

const shown = await api.GET("/api/tickets/{id}/", { params: { path: { id: ticket.number } } });
must(shown.data?.id === ticket.id && shown.response.headers.get("ETag"), "the number finds it, with an ETag");

const part = await api.GET("/api/tickets/{id}/", {
  params: { path: { id: ticket.id }, query: { fields: ["title", "status"], expand: ["requester", "comments"] } },
});
const some: TicketPart = must(part.data, "a part of the ticket");
must(some.title === ticket.title && some.description === undefined, "a part has what was named, and no more");
must(some.expanded?.requester?.id === ticket.requester && some.expanded.comments?.items.length === 0, "what is beside it");

const said = await api.POST("/api/tickets/{id}/comments/", { params: { path: { id: ticket.id } }, body: { body: "Any news?" } });
must(said.data?.html.includes("Any news?"), "a comment comes back rendered");

const missing = await api.GET("/api/tickets/{id}/", { params: { path: { id: "TKT-000001-0001" } } });
const problem: Problem = must(missing.error, "a problem for what isn't there");
must(problem.code === "not_found" && problem.status === 404, "the problem says which");
console.log("typescript client: fine");
