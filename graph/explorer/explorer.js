// The page's own part: how operations are sent, and the examples in their tabs. Queries and mutations go over HTTP,
// subscriptions over a websocket that speaks graphql-transport-ws.
(function () {
  'use strict';

  const endpoint = '/graphql';

  // The headers editor sets HTTP headers; a browser cannot send those with a websocket, so the token goes into
  // connection_init.
  function authorization(headers) {
    const name = Object.keys(headers || {}).find((key) => key.toLowerCase() === 'authorization');
    return name ? { authorization: headers[name] } : {};
  }

  function isSubscription(params, documentAST) {
    if (!documentAST) return false;
    const operations = documentAST.definitions.filter((d) => d.kind === 'OperationDefinition');
    const chosen = params.operationName
      ? operations.find((d) => d.name && d.name.value === params.operationName)
      : operations[0];
    return Boolean(chosen) && chosen.operation === 'subscription';
  }

  function follow(params, headers) {
    return {
      subscribe(observer) {
        const address = new URL(endpoint, window.location.href);
        address.protocol = address.protocol.replace('http', 'ws');
        const socket = new WebSocket(address, 'graphql-transport-ws');
        let over = false;
        const send = (message) => socket.send(JSON.stringify(message));
        const finish = (tell) => {
          if (over) return;
          over = true;
          tell();
          socket.close(1000);
        };
        socket.onopen = () => send({ type: 'connection_init', payload: authorization(headers) });
        socket.onmessage = (event) => {
          const message = JSON.parse(event.data);
          if (over) return;
          switch (message.type) {
            case 'connection_ack':
              send({ id: '1', type: 'subscribe', payload: params });
              break;
            case 'ping':
              send({ type: 'pong' });
              break;
            case 'next':
              observer.next(message.payload);
              break;
            case 'error':
              finish(() => { observer.next({ errors: message.payload }); observer.complete(); });
              break;
            case 'complete':
              finish(() => observer.complete());
              break;
          }
        };
        socket.onclose = (event) => finish(() =>
          observer.error(new Error('The socket was closed: ' + event.code + ' ' + event.reason)));
        return {
          unsubscribe() {
            over = true;
            if (socket.readyState === WebSocket.OPEN) send({ id: '1', type: 'complete' });
            socket.close(1000);
          },
        };
      },
    };
  }

  async function ask(params, headers) {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: Object.assign({
        'Content-Type': 'application/json',
        Accept: 'application/graphql-response+json, application/json;q=0.9',
      }, headers),
      body: JSON.stringify(params),
    });
    return response.json();
  }

  function fetcher(params, options) {
    const headers = (options && options.headers) || {};
    return isSubscription(params, options && options.documentAST) ? follow(params, headers) : ask(params, headers);
  }

  const examples = JSON.parse(document.getElementById('examples').dataset.examples) || [];
  const tabs = examples.map((example) => ({
    query: (example.name ? '# ' + example.name + '\n' : '') + example.query,
    variables: example.variables || '',
    headers: example.headers || '',
  }));

  const e = React.createElement;
  ReactDOM.createRoot(document.getElementById('explorer')).render(
    e(GraphiQL, {
      fetcher,
      defaultTabs: tabs.length > 0 ? tabs : undefined,
      defaultQuery: '# Wharf API\n# Ctrl-Space completes, Ctrl-Enter runs. The schema is in the book at the left.\n\n{\n  shop {\n    name\n  }\n}\n',
      defaultEditorToolsVisibility: true,
      shouldPersistHeaders: false,
      isHeadersEditorEnabled: true,
    }, e(GraphiQL.Logo, null, e('span', { className: 'wharf-logo' }, 'Wharf ', e('small', null, 'API explorer')))),
  );
}());
