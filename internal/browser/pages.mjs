// Every page of the site. What is true of all of them is tested for each row.

/** Pages by address, with the status that they answer with. */
export const pages = [
  { path: "/", status: 200 },
  { path: "/api/docs", status: 200 },
  { path: "/no/such/page", status: 404 },
  { path: "/_dev/", status: 200 },
  { path: "/_dev/events", status: 200 },
  { path: "/_dev/facts", status: 200 },
  { path: "/_dev/dead-letters", status: 200 },
  { path: "/_dev/mail", status: 200 },
];
