import type { CodegenConfig } from "@graphql-codegen/cli";

// The schema of the server that the example buys from, or what WHARF_SCHEMA names: a file as `wharf schema --json` prints it,
// or the address at which another server answers.
const server = process.env["WHARF_URL"] ?? "http://127.0.0.1:8080";
const schema = process.env["WHARF_SCHEMA"] ?? `${server.replace(/\/+$/, "")}/graphql`;

// A server is asked which inputs take exactly one of their fields, so that the types are those that the file gives.
const asked = { method: "POST", oneOf: true };

const config: CodegenConfig = {
  schema: [{ [schema]: asked }],
  documents: ["src/**/*.ts"],
  ignoreNoDocuments: false,
  generates: {
    "src/generated/": {
      preset: "client",
      presetConfig: { fragmentMasking: false },
      config: {
        useTypeImports: true,
        enumsAsTypes: true,
        strictScalars: true,
        onlyOperationTypes: true,
        scalars: {
          Color: "string",
          DateTime: "string",
          Decimal: "string",
          HTML: "string",
          JSON: "unknown",
          UnsignedInt64: "string",
          URL: "string",
        },
      },
    },
  },
  emitLegacyCommonJSImports: false,
};

export default config;
