import type { CodegenConfig } from "@graphql-codegen/cli";

// The schema as `wharf schema --json` prints it. WHARF_SCHEMA names the file, or the address of a running server.
const config: CodegenConfig = {
  schema: process.env["WHARF_SCHEMA"] ?? "http://127.0.0.1:8080/graphql",
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
