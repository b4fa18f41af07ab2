"""nginx before the services: TLS of each age, HTTP/2, one server block for each server of the scenario."""

import os
import subprocess

from .world import environment, in_network, wait_until

MAIN = """
{user}
worker_processes 1;
daemon off;
pid {work}/nginx.pid;
error_log {work}/nginx.log;
events {{ worker_connections 512; }}
http {{
  access_log off;
  server_tokens off;
  client_body_temp_path {work}/body;
  proxy_temp_path {work}/proxy;
  fastcgi_temp_path {work}/fastcgi;
  uwsgi_temp_path {work}/uwsgi;
  scgi_temp_path {work}/scgi;
  client_max_body_size 4m;
  client_body_buffer_size 1m;
  {servers}
}}
"""
BLOCK = """
  server {{
    {listen}
    server_name {names};
    {tls}
    location / {{
      proxy_pass http://unix:{work}/services.sock;
      proxy_http_version 1.1;
      proxy_set_header Host $host;
      proxy_set_header Connection "";
      proxy_pass_header Date;
      proxy_read_timeout 60s;
      proxy_buffers 8 64k;
    }}
  }}
"""
TLS = {
    "tls1.3": "ssl_protocols TLSv1.3;",
    "tls1.2": "ssl_protocols TLSv1.2; ssl_ciphers ECDHE+AESGCM;",
    # OpenSSL refuses SHA-1 in signatures above level 0; static RSA as the phones of the story used.
    "tls1.0": "ssl_protocols TLSv1; ssl_ciphers AES128-SHA:@SECLEVEL=0;",
}


def listen(server):
    lines = []
    for address in server.addresses:
        shown = f"[{address}]" if ":" in address else address
        if "http" in server.serve:
            lines.append(f"listen {shown}:80;")
        if set(TLS) & set(server.serve):
            lines.append(f"listen {shown}:443 ssl{' http2' if server.http2 else ''};")
    return "\n    ".join(lines)


def start(plan, processes, work, authority):
    """Starts nginx, and GnuTLS's server where OpenSSL is too young for the cipher."""
    blocks = []
    for server in plan.servers:
        tls = ""
        if "rc4" in server.serve:
            start_rc4(server, processes, work, authority)
        for word in set(TLS) & set(server.serve):
            certificate, key = authority.issue(server)
            tls = f"ssl_certificate {certificate}; ssl_certificate_key {key}; {TLS[word]}"
        if listen(server):
            blocks.append(BLOCK.format(listen=listen(server), names=" ".join(server.hosts), tls=tls, work=work))
    config = work / "nginx.conf"
    config.write_text(MAIN.format(work=work, user="user root;" if os.geteuid() == 0 else "", servers="".join(blocks)))
    processes.start("nginx", "-c", str(config), "-p", str(work), "-e", str(work / "nginx.log"), env=environment(),
                    stderr=subprocess.DEVNULL)
    wait_until(lambda: (work / "nginx.pid").exists() and (work / "nginx.pid").read_text().strip(), "start of nginx")


def start_rc4(server, processes, work, authority):
    certificate, key = authority.issue(server)
    priority = "NORMAL:-VERS-ALL:+VERS-TLS1.0:+RSA:+ARCFOUR-128:+SHA1:%COMPAT"
    log = work / "gnutls.log"
    processes.start(*in_network("old"), "gnutls-serv", "--http", "--priority", priority, "--x509certfile",
                    str(certificate), "--x509keyfile", str(key), "-p", "443", env=environment(),
                    stdout=open(log, "wb"), stderr=subprocess.STDOUT)
    wait_until(lambda: b"listening" in log.read_bytes(), "start of gnutls-serv")
