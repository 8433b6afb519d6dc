import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

/** at is where a server answers, whether or not its address ends with a slash. */
export function at(url: string): string {
  return `${url.replace(/\/+$/, "")}/graphql`;
}

/** connect makes an Apollo Client: queries as GET of a persisted query, mutations as POST, subscriptions on a websocket. */
export function connect(url: string): { client: ApolloClient; close: () => Promise<void> } {
  const socket = createClient({ url: at(url).replace(/^http/, "ws"), webSocketImpl: WebSocket });
  const persisted = new PersistedQueryLink({
    sha256: (document: string) => createHash("sha256").update(document).digest("hex"),
    useGETForHashedQueries: true,
  });
  const http = persisted.concat(new HttpLink({ uri: at(url) }));
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.split(
      ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
      new GraphQLWsLink(socket),
      http,
    ),
  });
  return {
    client,
    close: async () => {
      client.stop();
      await socket.dispose();
    },
  };
}
