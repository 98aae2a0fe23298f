// check.mjs - the golden frames against the JSON Schemas, and the AsyncAPI document against its own; prints TAP.
// SPDX-License-Identifier: MIT
import { readFileSync } from "node:fs";
import asyncapi from "@asyncapi/specs";
import Ajv from "ajv";
import Ajv2020 from "ajv/dist/2020.js";

const root = new URL("../../", import.meta.url);
const read = (path) => readFileSync(new URL(path, root), "utf8");
const lines = (path) => read(path).split("\n").filter((line) => line !== "").map((line, i) => [i + 1, line]);

const results = [];
function test(name, holds, why = "") {
  results.push({ name, holds, why });
}

const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: false });
const schemas = { client: JSON.parse(read("docs/schema/client.json")), server: JSON.parse(read("docs/schema/server.json")) };
for (const schema of Object.values(schemas)) {
  ajv.addSchema(schema);
}
const validator = (file, part) => ajv.getSchema(`urn:usher:v1:${file}${part}`);
const wrong = (validate) => ajv.errorsText(validate.errors);

// What a link that speaks as this may send.
const speaks = {
  nobody: validator("client", "#/$defs/hello"),
  visitor: validator("client", "#/$defs/visitor"),
  agent: validator("client", "#/$defs/agent"),
};
const anyone = validator("client", "");
const told = validator("server", "");

function parsed(text) {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return null;
  }
}

function goldenFrames() {
  for (const [n, line] of lines("tests/golden/client_ok.jsonl")) {
    const { as, frame } = JSON.parse(line);
    const value = JSON.parse(frame);
    test(`client_ok ${n}: ${as} may send ${value.type}`, speaks[as](value), wrong(speaks[as]));
    test(`client_ok ${n}: so somebody may`, anyone(value), wrong(anyone));
  }
  // Each line says what a schema can do about it, so a schema that learns more or less is noticed.
  for (const [n, line] of lines("tests/golden/client_bad.jsonl")) {
    const { as, frame, why, schema } = JSON.parse(line);
    const json = parsed(frame);
    const outcome = json === null ? "not JSON" : speaks[as](json.value) ? "cannot tell" : "refuses";
    test(`client_bad ${n}: ${why}, the schema ${schema}`, outcome === schema, `it is: ${outcome}`);
  }
  for (const [n, line] of lines("tests/golden/server.jsonl")) {
    const value = JSON.parse(line);
    test(`server ${n}: ${value.type} may be told`, told(value), wrong(told));
    value.news_of_later = { any: "thing" };
    test(`server ${n}: and with a field that is not known yet`, told(value), wrong(told));
  }
}

// Every member, here and inside, set to something of another type. A schema that
// names the member but not what it holds would let one of them pass.
function* spoilt(value) {
  for (const key of Object.keys(value)) {
    const was = value[key];
    for (const other of [null, { odd: 1 }, 1.5, "\u0001?", true, [[]]]) {
      const same = typeof was === typeof other && Array.isArray(was) === Array.isArray(other) && was !== null;
      if (!same) {
        value[key] = other;
        yield key;
      }
    }
    value[key] = was;
    if (was !== null && typeof was === "object") {
      for (const inner of spoilt(was)) {
        yield `${key}.${inner}`;
      }
    }
  }
}

function spoiltFrames() {
  for (const [n, line] of lines("tests/golden/server.jsonl")) {
    const value = JSON.parse(line);
    const passed = [];
    for (const place of spoilt(value)) {
      if (told(value)) {
        passed.push(place);
      }
    }
    test(`server ${n}: no member of ${value.type} may be of another type`, passed.length === 0, passed.join(" "));
  }
  for (const [n, line] of lines("tests/golden/client_ok.jsonl")) {
    const value = JSON.parse(JSON.parse(line).frame);
    const passed = [];
    for (const place of spoilt(value)) {
      if (anyone(value)) {
        passed.push(place);
      }
    }
    test(`client_ok ${n}: no member of ${value.type} may be of another type`, passed.length === 0, passed.join(" "));
  }
}

// Which members an object of this type cannot be without: leave each out in turn.
function missingMembers() {
  const optional = {
    client: ["key", "token", "locale", "page", "epoch", "have", "form", "before", "limit", "reason", "queue", "agent", "title",
      "needs"],
    server: ["key", "form", "wait_ms", "reason", "agent", "retry_ms", "log", "name", "email", "title", "needs"],
  };
  const check = (file, validate, n, value) => {
    for (const key of Object.keys(value)) {
      const { [key]: gone, ...rest } = value;
      const may = { agent: ["why"], moved: ["why"], offer: ["priority"],
        explained: ["place", "priority", "why", "next_ms"] }[value.type] ?? []; // of these alone
      if (!optional[file].includes(key) && !may.includes(key)) {
        test(`${file} ${n}: no ${value.type} without ${key}`, !validate(rest), JSON.stringify(gone));
      }
    }
  };
  lines("tests/golden/server.jsonl").forEach(([n, line]) => check("server", told, n, JSON.parse(line)));
  lines("tests/golden/client_ok.jsonl").forEach(([n, line]) =>
    check("client", anyone, n, JSON.parse(JSON.parse(line).frame)));
}

function everyDefinitionIsGolden() {
  const seen = { client: new Set(), server: new Set() };
  const note = (file, value) => {
    for (const [name, part] of Object.entries(schemas[file].$defs)) {
      if (part.properties?.type?.const === value.type && validator(file, `#/$defs/${name}`)(value)) {
        seen[file].add(name);
      }
    }
  };
  lines("tests/golden/client_ok.jsonl").forEach(([, line]) => note("client", JSON.parse(JSON.parse(line).frame)));
  lines("tests/golden/server.jsonl").forEach(([, line]) => note("server", JSON.parse(line)));
  for (const file of ["client", "server"]) {
    for (const [name, part] of Object.entries(schemas[file].$defs)) {
      if (part.properties?.type?.const !== undefined) {
        test(`${file}: there is a golden ${name}`, seen[file].has(name));
      }
    }
  }
}

function* references(value) {
  for (const [key, inner] of Object.entries(value ?? {})) {
    if (key === "$ref") {
      yield inner;
    } else if (typeof inner === "object") {
      yield* references(inner);
    }
  }
}

function find(document, pointer) {
  return pointer.split("/").slice(1).reduce((at, name) => at?.[name], document);
}

function asyncApi() {
  const document = JSON.parse(read("docs/asyncapi.json"));
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(asyncapi.schemasWithoutId["3.0.0"]);
  test("asyncapi: it is AsyncAPI 3.0.0", validate(document), JSON.stringify(validate.errors?.slice(-3)));
  const used = { client: new Set(), server: new Set() };
  for (const reference of references(document)) {
    const [file, pointer] = reference.split("#");
    const name = file.match(/^\.\/schema\/(client|server)\.json$/)?.[1];
    const target = file === "" ? document : schemas[name];
    test(`asyncapi: ${reference} is there`, find(target, pointer) !== undefined);
    used[name]?.add(pointer.split("/").at(-1));
  }
  for (const file of ["client", "server"]) {
    for (const [name, part] of Object.entries(schemas[file].$defs)) {
      if (part.properties?.type?.const !== undefined) {
        test(`asyncapi: it names ${name} of the ${file}`, used[file].has(name));
      }
    }
  }
  // Who may send what is said twice: it must be the same.
  const said = (operation) => document.operations[operation].messages.map((m) => m.$ref.split("/").at(-1)).sort();
  for (const role of ["visitor", "agent"]) {
    const commands = schemas.client.$defs[role].oneOf.map((part) => part.$ref.split("/").at(-1)).sort();
    test(`asyncapi: the commands of ${role}s`, said(`${role}Command`).join() === commands.join());
  }
}

goldenFrames();
spoiltFrames();
missingMembers();
everyDefinitionIsGolden();
asyncApi();

console.log(`TAP version 13\n1..${results.length}`);
results.forEach(({ name, holds, why }, i) => {
  console.log(`${holds ? "ok" : "not ok"} ${i + 1} - ${name.replaceAll("#", "\\#")}`);
  if (!holds && why !== "") {
    console.log(`# ${why}`);
  }
});
process.exitCode = results.every(({ holds }) => holds) ? 0 : 1;
