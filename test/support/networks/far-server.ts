/** A server of a small model at the other end of a cable: it streams without end, and never answers whole. Prints its port, and a line for each of these. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const EVENT = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta: { content: 'on ' }, finish_reason: null }] })}\n\n`;
const WHOLE = `{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"far"},"finish_reason":"stop"}]}`;

const server = createServer((incoming, outgoing) => {
  if (incoming.method === 'GET') return void outgoing.end('{"object":"list","data":[{"id":"m"}]}');
  let said = '';
  incoming.on('data', (data: Buffer) => (said += data.toString()));
  incoming.on('end', () => {
    if (said.includes('quick'))
      return void outgoing.setHeader('content-type', 'application/json').end(WHOLE);
    const asked = (): boolean => process.stdout.write('asked\n');
    if (!said.includes('"stream":true')) return void asked();
    outgoing.writeHead(200, { 'content-type': 'text/event-stream' });
    outgoing.write(EVENT, asked);
    const timer = setInterval(() => outgoing.write(EVENT), 100);
    outgoing.once('close', () => clearInterval(timer));
  });
});
process.stdout.write('waiting\n');
await once(process.stdin, 'data');
server.listen(0, '0.0.0.0');
await once(server, 'listening');
process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
