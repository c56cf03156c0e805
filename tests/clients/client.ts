// What a TypeScript program does with the types of docs/openapi-v1.json. It must compile strictly as it stands.
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.js";

type Figure = components["schemas"]["FigureRequest"];

declare const process: { argv: string[] };
const [url, key] = process.argv.slice(2);
if (url === undefined || key === undefined) throw new Error("The address and the key are needed.");
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });

function need<T>(data: T | undefined, error: unknown): T {
  if (data === undefined) throw new Error(JSON.stringify(error));
  return data;
}

const figure: Figure = { indicator: "sales", period: "2024-05", value: "120.5" };
const posted = await client.POST("/api/v1/measurements/", { body: figure });
const outcome: "created" | "revised" | "unchanged" = need(posted.data, posted.error).outcome;
const value: string | null = need(posted.data, posted.error).value;

const batch = await client.POST("/api/v1/measurements/batch/", {
  params: { query: { atomic: false } },
  body: [figure, { indicator: "sales", period: "2024-06", value: null, missing_reason: "not_available" }],
});
const report = need(batch.data, batch.error);
if (!("created" in report)) throw new Error("It was queued, which was not asked for.");
const { created, unchanged } = report;

const target = await client.POST("/api/v1/targets/", {
  body: { plan: "plan", indicator: "jobs", goal: "at_least", lower: "5" },
});
const id: string = need(target.data, target.error).id;

const statuses = await client.GET("/api/v1/statuses/", {
  params: { query: { overdue: true, status__in: ["no_data", "not_due", "missed"] } },
});
const rows = need(statuses.data, statuses.error).results;
const variances: (string | null)[] = rows.map((row) => row.variance);

const status = await client.GET("/api/v1/targets/{identifier}/status/", { params: { path: { identifier: id } } });
const sentence: string = need(status.data, status.error).explanation.sentence;

const scorecard = await client.GET("/api/v1/plans/{code}/scorecard/", { params: { path: { code: "plan" } } });
const targets: number = need(scorecard.data, scorecard.error).totals.targets;

const refused = await client.POST("/api/v1/measurements/", { body: { ...figure, value: "many" } });
const slug: string | undefined = refused.error?.errors?.[0]?.slug;

console.log(
  JSON.stringify({
    outcome, value, created, unchanged, id, sentence: sentence.length > 0, targets, slug,
    rows: rows.map((row) => row.target), variances: variances.length,
  }),
);
