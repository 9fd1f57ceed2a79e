using Unlearn.MLNet.Reports.Html;
using Unlearn.MLNet.Reports.Pictures;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>The hardest and the easiest rows of each unlearner, as pictures where there are any.</summary>
internal static class Gallery
{
    private const int Shown = 12;

    public static void Write(HtmlWriter html, StudyResult study, Func<string, RowPicture?>? picture)
    {
        html.Raw("<h2>Hardest and easiest rows</h2>\n<p class=\"note\">Class, row and hardness score.</p>\n");
        foreach (var unlearner in study.Unlearners)
        {
            // Ties by id: the order of rows must not show.
            int[] order = [.. Enumerable.Range(0, study.RowIds.Count).Where(row => !double.IsNaN(unlearner.Scores[row]))
                .OrderByDescending(row => unlearner.Scores[row]).ThenBy(row => study.RowIds[row], StringComparer.Ordinal)];
            html.Line($"<h3>{unlearner.Name}</h3>");
            WriteRows("Hardest", order.Take(Shown));
            WriteRows("Easiest", order.Skip(Math.Max(Shown, order.Length - Shown)).Reverse());

            void WriteRows(string heading, IEnumerable<int> rows)
            {
                html.Line($"<h4>{heading}</h4>");
                html.Raw("<div class=\"gallery\">\n");
                foreach (var row in rows)
                    WriteRow(html, study, row, unlearner, picture?.Invoke(study.RowIds[row]));

                html.Raw("</div>\n");
            }
        }
    }

    private static void WriteRow(HtmlWriter html, StudyResult study, int row, UnlearnerResult unlearner, RowPicture? picture)
    {
        var (id, label) = (study.RowIds[row], study.Labels[row]);
        var name = label >= 0 && label < study.ClassNames.Count ? study.ClassNames[label] : $"class {Figures.Count(label)}";
        html.Line($"""<figure title="predicted probability of being hard: {unlearner.Evaluation.Predictions[row]:0.00}">""");
        if (picture is null)
            html.Line($"""<div class="chip" aria-hidden="true">{id}</div>""");
        else
            html.Line($"""<img src="{PngEncoder.ToDataUri(picture)}" width="{picture.Width}" height="{picture.Height}" alt="{name}, row {id}">""");

        html.Line($"""<figcaption><b>{name}</b><span>row {id}</span><span>{unlearner.Scores[row]:0.000}</span></figcaption></figure>""");
    }
}
