using Unlearn.MLNet.Reports.Charts;
using Unlearn.MLNet.Reports.Html;

namespace Unlearn.MLNet.Reports.Sections;

/// <summary>Which factors go with hardness, and how far unlearners agree on it.</summary>
internal static class Correlations
{
    public static void WriteFactors(HtmlWriter html, StudyResult study)
    {
        html.Raw("""
            <h2>Factors and hardness</h2>
            <p class="note">Spearman correlation of each factor with the hardness score. T0, T1, … is what a factor costs: from one forward pass to training reference models.</p>

            """);
        var factors = study.Unlearners.Select(u => u.Evaluation.SingleFactors.ToLookup(f => f.Factor, f => f.Spearman)).ToArray();
        HeatMap.WriteScrolling(
            html,
            "Factors against hardness",
            [.. study.Factors.Select(f => (f.Name, f.Tier.ToString()))],
            [.. study.Unlearners.Select(u => u.Name)],
            (row, column) => factors[column][study.Factors[row].Name].DefaultIfEmpty(double.NaN).First(),
            HeatScale.Correlation);
    }

    public static void WriteUnlearners(HtmlWriter html, StudyResult study)
    {
        if (study.Agreement is not { } agreement)
            return;
        html.Raw("""
            <h2>Agreement of unlearners</h2>
            <p class="note">Spearman correlation of one unlearner's hardness score in one half of the trials with the other's in the other half, which share nothing: near 1 where the same rows are hard for
            both. The diagonal is how far an unlearner agrees with itself. “nothing” returns the target: what agrees with it has not shown that it unlearns.</p>

            """);
        HeatMap.WriteScrolling(
            html, "Unlearners against each other", [.. agreement.SpearmanNames.Select(name => (name, string.Empty))], [.. agreement.SpearmanNames],
            (row, column) => agreement.SpearmanAcrossHalves[row][column], HeatScale.Correlation);
    }
}
