import { createHash } from "node:crypto";

import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { PersistedQueryLink } from "@apollo/client/link/persisted-queries";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import WebSocket from "ws";

/** connect makes an Apollo Client: queries as GET of a persisted query, mutations as POST, subscriptions on a websocket. */
export function connect(url: string): { client: ApolloClient; close: () => Promise<void> } {
  const socket = createClient({ url: `${url.replace(/^http/, "ws")}/graphql`, webSocketImpl: WebSocket });
  const persisted = new PersistedQueryLink({
    sha256: (document: string) => createHash("sha256").update(document).digest("hex"),
    useGETForHashedQueries: true,
  });
  const http = persisted.concat(new HttpLink({ uri: `${url}/graphql` }));
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
