// One session of the TypeScript SDK's client with a Prosona server, told on stdout as one JSON object.
// node session.mjs ERA http URL | node session.mjs ERA stdio COMMAND [ARGUMENT...]
// ERA is "legacy" or a protocol version to pin. The server is bound to the user "ana".
import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";

const [era, kind, target, ...args] = process.argv.slice(2);
const mode = era === "legacy" ? "legacy" : { pin: era };
const client = new Client({ name: "typescript-sdk", version: "1" }, { versionNegotiation: { mode } });
const transport =
  kind === "http"
    ? new StreamableHTTPClientTransport(new URL(target))
    : new StdioClientTransport({ command: target, args });
const uri = "profile://ana";
let told;
const changed = new Promise((resolve) => {
  told = resolve;
});
client.setNotificationHandler("notifications/resources/updated", (n) => told(n.params.uri));

const call = (name, args = {}) => client.callTool({ name, arguments: args });

await client.connect(transport);
const story = {
  server: client.getServerVersion()?.name,
  protocol: client.getNegotiatedProtocolVersion(),
  instructions: client.getInstructions(),
  tools: (await client.listTools()).tools.map((tool) => tool.name),
};
story.observed = await call("observe_interaction", { chosen: "Alien", rejected: "Titanic", domain: "films" });
story.refused = await call("observe_interaction", { chosen: "x", bogus: 1 });
const watching = era === "legacy" ? undefined : await client.listen({ resourceSubscriptions: [uri] });
if (era === "legacy") await client.subscribeResource({ uri });
story.pinned = await call("revise_profile", { statement: "I am vegetarian." });
story.changed = await changed;
await watching?.close();
const stale = { text: "Likes short stories.", base_version: story.pinned.structuredContent.version };
await call("revise_profile", { ...stale, text: "Likes long novels." });
story.conflict = await call("revise_profile", stale);
story.profile = await call("get_user_profile", { fresh: true });
story.resource = (await client.readResource({ uri })).contents[0];
story.history = JSON.parse((await client.readResource({ uri: `${uri}/history` })).contents[0].text);
story.prompt = (await client.getPrompt({ name: "personalize" })).messages[0].content.text;
const ref = { type: "ref/resource", uri: "profile://{user_id}" };
story.completion = (await client.complete({ ref, argument: { name: "user_id", value: "a" } })).completion;
await client.close();
console.log(JSON.stringify(story));
