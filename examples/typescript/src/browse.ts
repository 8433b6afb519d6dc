import { GraphQLClient } from "graphql-request";

import { at } from "./client.js";
import { graphql } from "./generated/gql.js";

const shelf = graphql(`
  query Shelf($country: CountryCode, $language: LanguageCode) @inContext(country: $country, language: $language) {
    shop {
      name
    }
    products(first: 3, query: "available_for_sale:true") {
      nodes {
        title
        variants(first: 1) {
          nodes {
            id
            price {
              amount
              currencyCode
            }
          }
        }
      }
    }
  }
`);

/** What can be bought, and what it costs. */
export interface Offer {
  title: string;
  variant: string;
  price: string;
}

/** offers asks with graphql-request: the answer's type follows from the document. */
export async function offers(url: string): Promise<Offer[]> {
  const client = new GraphQLClient(at(url));
  const { products } = await client.request(shelf, { country: "US", language: "EN" });
  return products.nodes.flatMap(({ title, variants }) =>
    variants.nodes.map(({ id, price }) => ({ title, variant: id, price: `${price.amount} ${price.currencyCode}` })),
  );
}
