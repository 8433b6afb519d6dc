/* eslint-disable */
import * as types from './graphql.js';
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';

/**
 * Map of all GraphQL operations in the project.
 *
 * This map has several performance disadvantages:
 * 1. It is not tree-shakeable, so it will include all operations in the project.
 * 2. It is not minifiable, so the string of a GraphQL query will be multiple times inside the bundle.
 * 3. It does not support dead code elimination, so it will add unused operations.
 *
 * Therefore it is highly recommended to use the babel or swc plugin for production.
 * Learn more about it here: https://the-guild.dev/graphql/codegen/plugins/presets/preset-client#reducing-bundle-size
 */
type Documents = {
    "\n  query Shelf($country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n    shop {\n      name\n    }\n    products(first: 3, query: \"available_for_sale:true\") {\n      nodes {\n        title\n        variants(first: 1) {\n          nodes {\n            id\n            price {\n              amount\n              currencyCode\n            }\n          }\n        }\n      }\n    }\n  }\n": typeof types.ShelfDocument,
    "\n  mutation Place($input: OrderPlaceInput!) {\n    orderPlace(input: $input) {\n      order {\n        id\n        name\n        version\n        status\n      }\n      accessToken\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n": typeof types.PlaceDocument,
    "\n  subscription Follow($id: ID!, $token: String, $after: Int) {\n    orderEvents(orderId: $id, accessToken: $token, after: $after) {\n      version\n      type\n      message\n      order {\n        id\n        version\n        status\n      }\n    }\n  }\n": typeof types.FollowDocument,
    "\n  query Seen($id: ID!, $token: String) {\n    order(id: $id, accessToken: $token) {\n      name\n      status\n    }\n  }\n": typeof types.SeenDocument,
};
const documents: Documents = {
    "\n  query Shelf($country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n    shop {\n      name\n    }\n    products(first: 3, query: \"available_for_sale:true\") {\n      nodes {\n        title\n        variants(first: 1) {\n          nodes {\n            id\n            price {\n              amount\n              currencyCode\n            }\n          }\n        }\n      }\n    }\n  }\n": types.ShelfDocument,
    "\n  mutation Place($input: OrderPlaceInput!) {\n    orderPlace(input: $input) {\n      order {\n        id\n        name\n        version\n        status\n      }\n      accessToken\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n": types.PlaceDocument,
    "\n  subscription Follow($id: ID!, $token: String, $after: Int) {\n    orderEvents(orderId: $id, accessToken: $token, after: $after) {\n      version\n      type\n      message\n      order {\n        id\n        version\n        status\n      }\n    }\n  }\n": types.FollowDocument,
    "\n  query Seen($id: ID!, $token: String) {\n    order(id: $id, accessToken: $token) {\n      name\n      status\n    }\n  }\n": types.SeenDocument,
};

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 *
 *
 * @example
 * ```ts
 * const query = graphql(`query GetUser($id: ID!) { user(id: $id) { name } }`);
 * ```
 *
 * The query argument is unknown!
 * Please regenerate the types.
 */
export function graphql(source: string): unknown;

/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Shelf($country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n    shop {\n      name\n    }\n    products(first: 3, query: \"available_for_sale:true\") {\n      nodes {\n        title\n        variants(first: 1) {\n          nodes {\n            id\n            price {\n              amount\n              currencyCode\n            }\n          }\n        }\n      }\n    }\n  }\n"): (typeof documents)["\n  query Shelf($country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {\n    shop {\n      name\n    }\n    products(first: 3, query: \"available_for_sale:true\") {\n      nodes {\n        title\n        variants(first: 1) {\n          nodes {\n            id\n            price {\n              amount\n              currencyCode\n            }\n          }\n        }\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  mutation Place($input: OrderPlaceInput!) {\n    orderPlace(input: $input) {\n      order {\n        id\n        name\n        version\n        status\n      }\n      accessToken\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n"): (typeof documents)["\n  mutation Place($input: OrderPlaceInput!) {\n    orderPlace(input: $input) {\n      order {\n        id\n        name\n        version\n        status\n      }\n      accessToken\n      userErrors {\n        code\n        field\n        message\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  subscription Follow($id: ID!, $token: String, $after: Int) {\n    orderEvents(orderId: $id, accessToken: $token, after: $after) {\n      version\n      type\n      message\n      order {\n        id\n        version\n        status\n      }\n    }\n  }\n"): (typeof documents)["\n  subscription Follow($id: ID!, $token: String, $after: Int) {\n    orderEvents(orderId: $id, accessToken: $token, after: $after) {\n      version\n      type\n      message\n      order {\n        id\n        version\n        status\n      }\n    }\n  }\n"];
/**
 * The graphql function is used to parse GraphQL queries into a document that can be used by GraphQL clients.
 */
export function graphql(source: "\n  query Seen($id: ID!, $token: String) {\n    order(id: $id, accessToken: $token) {\n      name\n      status\n    }\n  }\n"): (typeof documents)["\n  query Seen($id: ID!, $token: String) {\n    order(id: $id, accessToken: $token) {\n      name\n      status\n    }\n  }\n"];

export function graphql(source: string) {
  return (documents as any)[source] ?? {};
}

export type DocumentType<TDocumentNode extends DocumentNode<any, any>> = TDocumentNode extends DocumentNode<  infer TType,  any>  ? TType  : never;