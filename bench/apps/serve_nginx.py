"""nginx with the large file, as the reference for wsgi.file_wrapper: serve_nginx.py PORT WORKERS"""

import os
import sys
import tempfile

port, workers = sys.argv[1:]
path = os.environ["GLASS_BENCH_FILE"]
folder = tempfile.mkdtemp(prefix="nginx-", dir=os.path.dirname(os.path.abspath(__file__)))
user = "user root;" if os.geteuid() == 0 else ""
temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
with open(f"{folder}/nginx.conf", "w") as file:
    file.write(f"""
{user}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
worker_processes {workers};
events {{}}
http {{
access_log off;
sendfile on;
keepalive_requests 1000000;
{temporary}
server {{ listen 127.0.0.1:{port}; root {os.path.dirname(path)}; location = / {{ try_files /{os.path.basename(path)} =404; }} }}
}}
""")
os.execv("/usr/sbin/nginx", ["/usr/sbin/nginx", "-p", folder, "-c", f"{folder}/nginx.conf"])
