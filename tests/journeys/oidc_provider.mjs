// An identity provider that others wrote (npm oidc-provider) for the journey of signing in at one. Prints its address when it
// listens; ends when its standard input closes.   node oidc_provider.mjs NODE_MODULES SETTINGS_AS_JSON
import { createRequire } from 'node:module';
import http from 'node:http';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [modules, settings] = process.argv.slice(2);
const found = createRequire(path.join(path.resolve(modules), 'x.js')).resolve('oidc-provider');
const { Provider } = await import(pathToFileURL(found));
const client = JSON.parse(settings);

const server = http.createServer();
server.listen(0, '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [client],
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    features: { backchannelLogout: { enabled: true }, devInteractions: { enabled: true } },
    cookies: { keys: ['of the tests'] },
    // It calls no address of this machine by itself; here everybody lives on it.
    fetch: (url, { dispatcher, ...options }) => globalThis.fetch(url, options),
    pkce: { required: () => true },
    async findAccount(_context, id) {
      return {
        accountId: id,
        async claims() {
          return { sub: id, name: 'Nina from elsewhere', email: `${id}@example.org`, email_verified: true };
        },
      };
    },
  });
  provider.on('server_error', (_context, error) => console.error(error));
  server.on('request', provider.callback());
  console.log(issuer);
});
process.stdin.resume();
process.stdin.on('end', () => process.exit(0));
