import { randomUUID } from "node:crypto";

import type { ApolloClient } from "@apollo/client";

import { graphql } from "./generated/gql.js";
import type { OrderStatus } from "./generated/graphql.js";

const place = graphql(`
  mutation Place($input: OrderPlaceInput!) {
    orderPlace(input: $input) {
      order {
        id
        name
        version
        status
      }
      accessToken
      userErrors {
        code
        field
        message
      }
    }
  }
`);

const follow = graphql(`
  subscription Follow($id: ID!, $token: String, $after: Int) {
    orderEvents(orderId: $id, accessToken: $token, after: $after) {
      version
      type
      message
      order {
        id
        version
        status
      }
    }
  }
`);

const seen = graphql(`
  query Seen($id: ID!, $token: String) {
    order(id: $id, accessToken: $token) {
      name
      status
    }
  }
`);

/** Placed is an order, with the token by which a guest sees it. */
export interface Placed {
  id: string;
  name: string;
  token: string;
}

/** buy places an order whose first way to pay is declined. Sent again under the same key it would be the same order. */
export async function buy(client: ApolloClient, variant: string): Promise<Placed> {
  const { data } = await client.mutate({
    mutation: place,
    variables: {
      input: {
        idempotencyKey: randomUUID(),
        lines: [{ merchandiseId: variant, quantity: 1 }],
        buyer: { email: "ada@example.com" },
        delivery: {
          shipping: {
            address: {
              firstName: "Ada",
              lastName: "Lovelace",
              address1: "1 Main Street",
              city: "Albany",
              province: "New York",
              zip: "12207",
              country: "United States",
            },
          },
        },
        payment: [
          { provider: "test", token: "decline" },
          { provider: "test", token: "approve" },
        ],
      },
    },
  });
  const answer = data?.orderPlace;
  if (!answer?.order || !answer.accessToken) {
    throw new Error(`refused: ${JSON.stringify(answer?.userErrors)}`);
  }
  return { id: answer.order.id, name: answer.order.name, token: answer.accessToken };
}

/** watch follows an order live and tells each event, until the order is confirmed. */
export function watch(client: ApolloClient, { id, token }: Placed, tell: (line: string) => void): Promise<void> {
  const last: OrderStatus = "CONFIRMED";
  return new Promise((done, fail) => {
    const events = client.subscribe({ query: follow, variables: { id, token, after: 0 } }).subscribe({
      next: ({ data, error }) => {
        const event = data?.orderEvents;
        if (!event) {
          fail(error ?? new Error("an event without data"));
          return;
        }
        tell(`${event.version} ${event.type} ${event.order.status}`);
        if (event.order.status === last) {
          events.unsubscribe();
          done();
        }
      },
      error: fail,
      complete: () => fail(new Error("the events ended before the order was confirmed")),
    });
  });
}

/** look reads the order as it is now, past Apollo's own cache. */
export async function look(client: ApolloClient, { id, token }: Placed): Promise<string> {
  const { data } = await client.query({ query: seen, variables: { id, token }, fetchPolicy: "network-only" });
  return `${data?.order?.name} is ${data?.order?.status}`;
}
