namespace Unlearn.MLNet.Reports.Charts;

/// <summary>What the colors of a heat map stand for.</summary>
/// <param name="Figures">What the cells hold, in words.</param>
/// <param name="Center">The value without color.</param>
/// <param name="Range">Distance from the center to full color, either way.</param>
/// <param name="Format">Format of the printed values.</param>
/// <param name="Low">Name of the lower end.</param>
/// <param name="Middle">Name of the center.</param>
/// <param name="High">Name of the upper end.</param>
internal sealed record HeatScale(string Figures, double Center, double Range, string Format, string Low, string Middle, string High)
{
    public static HeatScale Correlation { get; } = new("Spearman correlations", 0, 1, "0.00", "−1", "0", "+1");

    public static HeatScale Auc { get; } = new("AUCs", 0.5, 0.5, "0.000", "0", "0.5", "1");
}
