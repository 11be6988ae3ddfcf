/** The configuration of an nginx that answers every chat with one constant: the cheapest upstream there is. */
import { LIST, WHOLE } from './answers.ts';

/** @param folder for its files while it runs */
export function nginxConfig(port: number, folder: string): string {
  // nginx takes a backslash as an escape.
  const answer = (json: string) =>
    `default_type application/json; return 200 '${json.replaceAll('\\', '\\\\')}';`;
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${folder};`)
    .join(' ');
  return `daemon off; worker_processes 1; pid ${folder}/nginx.pid;
events { worker_connections 8192; }
http {
  access_log off; keepalive_requests 100000000; keepalive_timeout 600s; ${temporary}
  server {
    listen 127.0.0.1:${port}; client_body_buffer_size 64k;
    location = /v1/models { ${answer(LIST)} }
    location /v1/ { ${answer(WHOLE)} }
  }
}
`;
}
