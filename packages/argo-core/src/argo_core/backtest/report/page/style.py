"""The page's style: light and dark, wide and narrow, screen and paper."""

STYLE = """
:root{color-scheme:light dark;
--ground:light-dark(#f7f8fa,#0d1015);--surface:light-dark(#fff,#151920);
--sunken:light-dark(#f0f2f5,#1e242e);--line:light-dark(#e2e5ea,#2a313c);
--text:light-dark(#14181f,#e8ebf0);--text-2:light-dark(#56606e,#9ca6b4);
--accent:light-dark(#2a54dc,#8aa4ff);--good:light-dark(#08704a,#4bd39b);
--bad:light-dark(#b3261e,#ff8d83);--bad-soft:light-dark(#fdecea,#331815);
--warn:light-dark(#8a5300,#f0b45a);--warn-soft:light-dark(#fdf2e0,#2e220f);
--other-1:light-dark(#00757f,#45c4d0);--other-2:light-dark(#7a3fc4,#c09bff);
--other-3:light-dark(#a04a00,#f2a05c);--other-4:light-dark(#56606e,#9ca6b4);
--sans:"Inter Variable",Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;
--mono:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--text);
font:14px/1.45 var(--sans);font-variant-numeric:tabular-nums}
main,header>div,footer{max-width:1180px;margin:0 auto;padding:0 20px}
header{background:var(--surface);border-bottom:1px solid var(--line);padding:22px 0 16px}
h1{font-size:26px;line-height:1.2;margin:0 0 4px;letter-spacing:-.015em;overflow-wrap:anywhere}
h2{font-size:16px;margin:0 0 10px;letter-spacing:-.005em}
h3{font-size:13px;margin:0 0 6px;color:var(--text-2);font-weight:600}
p{margin:0 0 8px}
.lead{color:var(--text-2);margin:0;overflow-wrap:anywhere}
.kicker{font-size:12px;color:var(--text-2);margin:0 0 6px}
.chips{display:flex;flex-wrap:wrap;gap:6px;margin:12px 0 0;padding:0;list-style:none}
.chips li{background:var(--sunken);border-radius:5px;padding:2px 8px;font-size:12px;
overflow-wrap:anywhere}
.chips b{font-weight:500;color:var(--text-2);margin-right:5px}
.hashes{margin:12px 0 0;display:grid;grid-template-columns:auto 1fr;gap:1px 10px;font-size:12px}
.hashes dt{color:var(--text-2)}
.hashes dd{margin:0;font-family:var(--mono);overflow-wrap:anywhere}
section{background:var(--surface);border:1px solid var(--line);border-radius:10px;
padding:16px 18px;margin:14px 0;min-width:0}
.cautions{border-color:var(--warn);background:var(--warn-soft)}
.cautions ul{margin:0;padding-left:18px}
.cautions li{margin:3px 0;overflow-wrap:anywhere}
.cautions li.light{color:var(--text-2)}
.cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(164px,1fr));gap:8px;margin:14px 0}
.card{background:var(--surface);border:1px solid var(--line);border-radius:10px;min-width:0}
.card summary{list-style:none;cursor:pointer;padding:10px 12px}
.card summary::-webkit-details-marker{display:none}
.card .name{display:flex;justify-content:space-between;gap:6px;font-size:12px;color:var(--text-2)}
.card .name i{font-style:normal;opacity:.8;white-space:nowrap}
.card .value{display:block;font-size:21px;font-weight:600;letter-spacing:-.02em;line-height:1.3}
.card .under{display:block;font-size:11.5px;color:var(--text-2);
overflow-wrap:anywhere}
.card .more{border-top:1px solid var(--line);padding:8px 12px;font-size:12px;color:var(--text-2);
overflow-wrap:anywhere}
.card summary:focus-visible,details>summary:focus-visible{outline:2px solid var(--accent);
outline-offset:2px;border-radius:6px}
.good{color:var(--good)}.bad{color:var(--bad)}.soft{color:var(--text-2)}
.two,.three{display:grid;gap:14px;margin:14px 0;align-items:start}
.two{grid-template-columns:minmax(0,1fr) minmax(0,1fr)}
.three{grid-template-columns:minmax(0,1.15fr) minmax(0,1fr) minmax(0,1fr);align-items:stretch}
.two>section,.three>section{margin:0;height:100%}
section>.two{margin:0}
figure{margin:0}
figure svg{display:block;width:100%;height:auto;overflow:visible;
stroke-linejoin:round;stroke-linecap:butt}
figure svg text{font-family:var(--sans);font-variant-numeric:tabular-nums}
figure .narrow{display:none}
figcaption{font-size:12px;color:var(--text-2);margin-top:6px}
.key{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 8px;padding:0;list-style:none;
font-size:13px}
.key svg{width:26px;height:8px;vertical-align:middle;margin-right:6px}
.key b{font-weight:600;margin-left:6px}
.key li{overflow-wrap:anywhere}
.scroll{overflow-x:auto;margin:0 -4px;padding:0 4px}
table{border-collapse:collapse;width:100%;font-size:12.5px}
th,td{padding:4px 8px;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
tr:last-child>td,tr:last-child>th{border-bottom:0}
thead th{color:var(--text-2);font-weight:500;white-space:nowrap;border-bottom:1px solid var(--line)}
th[scope=row]{font-weight:500}
.num{text-align:right;white-space:nowrap}
td.text{overflow-wrap:anywhere}
.date{white-space:nowrap}
.three th,.three td{padding:4px 5px;font-size:12px}
caption{text-align:left;color:var(--text-2);font-size:12px;padding:0 0 6px}
.heat{border-collapse:separate;border-spacing:2px;table-layout:fixed;min-width:760px}
.heat th:last-child{white-space:normal}
.heat th,.heat td{border:0;text-align:right;padding:5px 7px;border-radius:4px;white-space:nowrap}
.heat th[scope=row]{text-align:left;padding-left:0}
.kicker:last-child,.scroll+.kicker{margin:8px 0 0}
.heat .up{background:color-mix(in srgb,var(--good) var(--p),transparent)}
.heat .down{background:color-mix(in srgb,var(--bad) var(--p),transparent)}
.heat .year{font-weight:600}
.stats td,.stats th{padding:5px 8px}
.stats .def{color:var(--text-2);min-width:240px}
.off{color:var(--text-2)}
.fold{margin-top:10px}
.fold>summary{font-size:12px;cursor:pointer;color:var(--text-2)}
.fold[open]>summary{margin-bottom:6px}
footer{color:var(--text-2);font-size:12px;padding:6px 20px 40px}
@media screen and (max-width:700px){
body{font-size:14px}
main,header>div,footer{padding-left:12px;padding-right:12px}
section{padding:13px 12px}
h1{font-size:22px}
.cards{grid-template-columns:repeat(2,minmax(0,1fr))}
.card .value{font-size:19px}
.two,.three{grid-template-columns:minmax(0,1fr)}
.card .more,.card .under{font-size:12px}
figure .wide{display:none}
figure .narrow{display:block}
.hashes{grid-template-columns:1fr}
.hashes dd{margin-bottom:3px}
.stack thead{display:none}
.stack tr{display:block;border-bottom:1px solid var(--line);padding:6px 0}
.stack tr:last-child{border-bottom:0}
.stack td,.stack th{display:block;border:0;padding:1px 0;text-align:left;min-width:0;
white-space:normal}
.stack td.num{display:inline-block;margin-right:14px}
.stack td:empty,.stack td.num:empty{display:none}
.three th,.three td{padding:4px 3px}
.stack td[data-label]::before{content:attr(data-label) " ";color:var(--text-2)}
}
@media print{
:root{color-scheme:light}
body{background:#fff;font-size:11px}
section,.card{break-inside:avoid;border-color:#ccc}
section.long{break-inside:auto}
tr{break-inside:avoid}
main,header>div,footer{max-width:none}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
@page{margin:12mm}
}
"""
