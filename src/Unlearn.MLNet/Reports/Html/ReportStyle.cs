namespace Unlearn.MLNet.Reports.Html;

/// <summary>The style sheets of the report and of charts: light and dark, for screens of any width and for paper.</summary>
internal static class ReportStyle
{
    /// <summary>Number of colors for unlearners, the classes c0, c1, …: Okabe and Ito's palette, which color-blind readers can tell apart.</summary>
    public const int Colors = 6;

    /// <summary>Classes of an unlearner's line, by its place; the colors repeat with dashes.</summary>
    public static string Line(int place) => $"c{place % Colors}{(place < Colors ? string.Empty : " again")}";

    /// <summary>The style sheet of the report.</summary>
    public const string Css = $"{Variables}\n{Page}\n{Charts}\n{Print}";

    /// <summary>The style sheet of a chart in a file of its own.</summary>
    public const string ChartCss = $$"""
        {{Variables}}
        svg { font-family: system-ui, sans-serif; font-variant-numeric: tabular-nums; }
        .paper { fill: var(--paper); }
        {{Charts}}
        """;

    private const string Variables = """
        :root { color-scheme: light dark; --ink: #1b2230; --muted: #5c6878; --line: #dde2e8; --paper: #fff; --panel: #f5f7f9; --easy: #a9b8c9; --hard: #b35806;
          --c0: #0072b2; --c1: #d55e00; --c2: #009e73; --c3: #aa4499; --c4: #b8860b; --c5: #44aad6; --on: #fff; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --ink: #e4e8ee; --muted: #9ba7b6; --line: #333c48; --paper: #14181e; --panel: #1c222a; --easy: #52647a; --hard: #e08a3c;
            --c0: #56b4e9; --c1: #f0803c; --c2: #2fbf94; --c3: #d98cc6; --c4: #e6b84d; --c5: #8fd0f0; } }
        """;

    private const string Page = """
        * { box-sizing: border-box; }
        body { margin: 0; background: var(--paper); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
          font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%; }
        main { max-width: 78rem; margin: 0 auto; padding: 3rem 1.5rem 4rem; }
        h1 { font-size: 2rem; line-height: 1.2; font-weight: 650; letter-spacing: -.015em; margin: 0 0 1rem; overflow-wrap: anywhere; }
        h2 { font-size: 1.25rem; font-weight: 650; margin: 3.5rem 0 .5rem; }
        h3 { font-size: 1rem; font-weight: 650; margin: 2rem 0 .5rem; }
        h4 { font-size: .8125rem; font-weight: 500; color: var(--muted); margin: 1rem 0 .4rem; }
        p, ul { max-width: 46rem; margin: 0 0 1rem; }
        li { margin-bottom: .4rem; }
        .eyebrow, .sub, .key, figcaption, footer { color: var(--muted); font-size: .8125rem; }
        .eyebrow { margin: 0 0 .25rem; }
        .lead { font-size: 1.125rem; }
        .note { color: var(--muted); font-size: .9375rem; }
        .cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(11rem, 1fr)); gap: 1rem; margin: 2rem 0 1rem; padding: 0; }
        .cards div { background: var(--panel); border-radius: 8px; padding: 1rem 1.1rem; }
        .cards dt { color: var(--muted); font-size: .8125rem; }
        .cards dd { margin: 0; }
        .cards .figure { font-size: 1.625rem; font-weight: 600; line-height: 1.3; }
        .scroll { overflow-x: auto; }
        table { border-collapse: collapse; font-size: .875rem; margin-bottom: .75rem; }
        th, td { padding: .45rem .5rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); vertical-align: middle; }
        thead th { font-weight: 500; color: var(--muted); vertical-align: bottom; line-height: 1.3; }
        tbody th { font-weight: 650; }
        th:first-child, td:first-child { text-align: left; padding-left: 0; position: sticky; left: 0; background: var(--paper); }
        td.bar, th.bar { text-align: left; }
        td small { display: block; color: var(--muted); font-size: .75rem; }
        td small.reason { white-space: normal; min-width: 9rem; max-width: 13rem; margin-left: auto; }
        .key span { margin-right: 1.4rem; white-space: nowrap; }
        .key { margin-top: .6rem; }
        svg { display: block; width: 100%; height: auto; overflow: visible; }
        svg.mark { display: inline-block; width: 16px; height: 22px; vertical-align: middle; margin-right: .25rem; }
        .pass { color: var(--c2); } .fail { color: var(--c1); }
        tbody.part th[colspan] { padding-top: 1.1rem; font-weight: 500; color: var(--muted); }
        .charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(18rem, 100%), 1fr)); gap: 1.5rem 2rem; align-items: start; }
        .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(24rem, 100%), 1fr)); gap: 0 3rem; align-items: start; }
        .gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr)); gap: .9rem .6rem; }
        figure { margin: 0; min-width: 0; break-inside: avoid; }
        .gallery img, .chip { display: block; width: 100%; aspect-ratio: 1; border-radius: 4px; background: var(--panel); }
        .gallery img { height: auto; object-fit: contain; image-rendering: pixelated; }
        .chip { display: flex; align-items: center; justify-content: center; padding: .3rem; font-size: .75rem; overflow: hidden; overflow-wrap: anywhere; text-align: center; }
        figcaption { font-size: .75rem; line-height: 1.35; margin-top: .25rem; overflow-wrap: anywhere; }
        figcaption b { display: block; color: var(--ink); font-weight: 550; }
        figcaption span { display: block; }
        .meter { width: 12rem; height: .6rem; background: var(--panel); border-radius: 3px; }
        .meter i { display: block; height: 100%; background: var(--easy); border-radius: 3px; }
        .meter { min-width: 5rem; }
        .filter { display: flex; flex-wrap: wrap; gap: .6rem 1.2rem; align-items: center; margin: 0 0 .75rem; font-size: .875rem; }
        [hidden] { display: none !important; }
        input, select, button { font: inherit; font-size: .875rem; color: inherit; background: var(--paper); border: 1px solid var(--line); border-radius: 5px; padding: .3rem .55rem; }
        input[type=search] { width: 12rem; max-width: 100%; }
        button { cursor: pointer; } button:disabled { color: var(--muted); cursor: default; }
        button.link { border: 0; padding: 0; background: none; text-align: inherit; text-decoration: underline; text-decoration-color: var(--line); text-underline-offset: 3px; }
        :focus-visible { outline: 2px solid var(--c0); outline-offset: 2px; }
        .panel { background: var(--panel); border-radius: 8px; padding: .25rem 1.25rem 1rem; margin: 1rem 0; }
        .panel th:first-child, .panel td:first-child { background: var(--panel); } .panel .meter { background: var(--paper); }
        caption { text-align: left; color: var(--muted); font-size: .8125rem; padding: .8rem 0 .2rem; }
        .up { color: var(--hard); font-weight: 600; } .down { color: var(--c0); font-weight: 600; }
        footer { margin-top: 4rem; border-top: 1px solid var(--line); padding-top: 1rem; }
        @media (max-width: 40rem) { main { padding: 1.75rem 1rem 3rem; } h1 { font-size: 1.5rem; } h2 { margin-top: 2.75rem; } .cards { grid-template-columns: 1fr 1fr; gap: .6rem; } }
        """;

    private const string Charts = """
        svg text { fill: var(--ink); font-size: 13px; }
        svg .tick { fill: var(--muted); font-size: 12px; }
        svg .axis { fill: var(--muted); font-size: 13px; }
        svg .name { font-weight: 650; font-size: 15px; }
        svg .on { fill: var(--on); }
        .middle { text-anchor: middle; }
        .end { text-anchor: end; }
        .grid { stroke: var(--line); fill: none; }
        .chance { stroke: var(--muted); stroke-dasharray: 3 4; fill: none; }
        .curve { fill: none; stroke-width: 2; stroke-linejoin: round; }
        .again { stroke-dasharray: 7 3; }
        .interval { stroke-width: 10; stroke-opacity: .6; }
        .c0 { stroke: var(--c0); } .c1 { stroke: var(--c1); } .c2 { stroke: var(--c2); } .c3 { stroke: var(--c3); } .c4 { stroke: var(--c4); } .c5 { stroke: var(--c5); }
        .dot { fill: var(--ink); stroke: var(--paper); stroke-width: .75; }
        .ceiling { stroke: var(--ink); stroke-width: 2; }
        .baseline { fill: var(--paper); stroke: var(--ink); stroke-width: 1.5; }
        .positive { fill: #b35806; } .negative { fill: #2166ac; }
        .easy { fill: var(--easy); } .hard { fill: var(--hard); }
        .band { fill: var(--c2); fill-opacity: .14; }
        .ring { fill: none; stroke: var(--ink); stroke-width: 1.5; }
        .threshold { stroke: var(--ink); stroke-width: 1.5; }
        .point { fill-opacity: .75; stroke: var(--paper); }
        .f0 { fill: var(--c0); } .f1 { fill: var(--c1); } .f2 { fill: var(--c2); } .f3 { fill: var(--c3); } .f4 { fill: var(--c4); } .f5 { fill: var(--c5); }
        """;

    private const string Print = """
        @media print { .filter, #row-count, #row-table, #row-pages { display: none; } main { max-width: none; padding: 0; } body { font-size: 10.5pt; } * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
          svg, tr, .cards div { break-inside: avoid; } h2, h3, h4 { break-after: avoid; } .scroll { overflow: visible; } table { font-size: 7.5pt; } th, td { padding: .3rem .2rem; }
          td small { font-size: 6.5pt; } .bar svg { min-width: 0 !important; width: 6.5rem; } .cards { grid-template-columns: repeat(4, 1fr); gap: .6rem; } }
        """;
}
