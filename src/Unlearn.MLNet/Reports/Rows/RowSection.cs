using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Rows;

/// <summary>All rows of a study, to search and to sort, and a page for each: factors, their places, nearest rows, what its prediction is made of.</summary>
internal static class RowSection
{
    public static void Write(HtmlWriter html, StudyResult study)
    {
        if (study.RowIds.Count == 0 || study.Unlearners.Count == 0)
            return;
        var rows = RowData.Shown(study);
        html.Raw("<h2>Rows</h2>\n<p class=\"note\">Choose a row to see its factors, its place among the others, and why it was predicted as it was. ");
        if (rows.Length < study.RowIds.Count)
            html.Line($"Of {Figures.Count(study.RowIds.Count)} rows, the {Figures.Count(rows.Length)} that are predicted to be the hardest are here.");
        html.Raw("""
            What a factor adds is the difference to the model's score, before it becomes a probability, if each decision on it had gone the other way
            (ML.NET's feature contributions, of the model that never saw the row). The differences of several factors do not add up to the prediction.</p>
            <noscript><p class="note">This part needs scripts. The same figures are in factors.csv and hardness.csv.</p></noscript>
            <form id="row-filter" class="filter" role="search" hidden>
            <label>Row <input id="row-search" type="search" autocomplete="off"></label>
            <label>Class <select id="row-class"><option value="">all</option></select></label>
            <label>Unlearner <select id="row-unlearner"></select></label>
            <label><input id="row-hard" type="checkbox"> labeled hard</label>
            </form>
            <p id="row-count" class="sub" role="status"></p>
            <div class="scroll"><table id="row-table"></table></div>
            <p id="row-pages" hidden><button id="row-back" type="button">Back</button> <button id="row-next" type="button">Next</button></p>
            <section id="row-page" class="panel" tabindex="-1" aria-labelledby="row-title" hidden></section>

            """);
        html.Raw($"<script type=\"application/json\" id=\"row-data\">{RowData.Json(study, rows)}</script>\n<script>{RowScript.Text}</script>\n");
    }
}
