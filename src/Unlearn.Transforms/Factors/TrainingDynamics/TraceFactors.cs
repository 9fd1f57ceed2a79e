namespace Unlearn.Transforms.Factors.TrainingDynamics;

/// <summary>Factors of how the target learned the row while it trained: NaN for rows that it was not trained on. E epochs, t one of them.</summary>
internal static class TraceFactors
{
    private const string Family = "training dynamics";

    private static readonly RowTable Trace = new(nameof(Trace),
        [nameof(MeanConfidence), nameof(ConfidenceVariability), nameof(ForgettingEvents), nameof(LearnedEpoch), nameof(AreaUnderMargin)], TraceColumns);

    private static readonly RowTable Gradients = new("GradientTrace", [nameof(TraceGradientNorm), nameof(GradientVariance)],
        GradientColumns);

    private const string Cartography = "Swayamdipta et al., arXiv 2009.10795";

    public static readonly IHardnessFactor MeanConfidence = LookUp(nameof(MeanConfidence), "mean over t of p_y, in [0, 1]", Cartography, Trace);

    public static readonly IHardnessFactor ConfidenceVariability =
        LookUp(nameof(ConfidenceVariability), "standard deviation over t of p_y, in [0, 0.5]", Cartography, Trace);

    public static readonly IHardnessFactor ForgettingEvents = LookUp(nameof(ForgettingEvents),
        "number of t at which y was predicted at t − 1 and is not at t; E if it never was; in [0, E]",
        "Toneva et al., arXiv 1812.05159, with E in place of infinity",
        Trace);

    public static readonly IHardnessFactor LearnedEpoch = LookUp(nameof(LearnedEpoch),
        "first t from which on y is always predicted; E + 1 if it is not at the end; in [1, E + 1]",
        "after Toneva et al., arXiv 1812.05159; our definition",
        Trace);

    public static readonly IHardnessFactor AreaUnderMargin =
        LookUp(nameof(AreaUnderMargin), "mean over t of f_y − max_{k≠y} f_k, any real number", "Pleiss et al., arXiv 2001.10528", Trace);

    public static readonly IHardnessFactor TraceGradientNorm = LookUp(nameof(TraceGradientNorm),
        "Σ_t ‖∇_θ ℓ‖₂² over the trace's checkpoints t, in [0, ∞)", "per-row privacy loss: Yu et al., arXiv 2206.02617, without clipping and noise", Gradients);

    public static readonly IHardnessFactor GradientVariance = LookUp(nameof(GradientVariance),
        "variance over the trace's checkpoints of ∂f_y/∂x_i, averaged over the features i; in [0, ∞)",
        "VoG: Agarwal, D'souza and Hooker, arXiv 2008.11600, before its normalization within classes",
        Gradients);

    private static Factor LookUp(string name, string formula, string source, RowTable table) =>
        new(name, FactorTier.T2, formula, batch => table.Column(batch, name))
        {
            Cost = table == Trace
                ? "a look-up; nothing while the target trains"
                : "a look-up; 1 forward, 2 backward for each checkpoint while the target trains",
            Source = source,
            Family = Family,
            NeedsLabel = false,
            NeedsRowId = true,
            NeedsGradientTrace = table == Gradients,
            Statistic = table,
        };

    private static (IReadOnlyList<string> Ids, IReadOnlyDictionary<string, float[]> Columns) TraceColumns(FactorTraining training)
    {
        var trace = training.Trace!;
        var epochs = trace.Epochs.Count;
        return (trace.RowIds, new Dictionary<string, float[]>
        {
            [nameof(MeanConfidence)] = ForEachRow(row => Mean(trace.Confidences, row)),
            [nameof(ConfidenceVariability)] = ForEachRow(row => Deviation(trace.Confidences, row)),
            [nameof(ForgettingEvents)] = ForEachRow(row => CountForgetting(trace.Correct, row)),
            [nameof(LearnedEpoch)] = ForEachRow(row => epochs + 1 - trace.Correct.Reverse().TakeWhile(epoch => epoch[row]).Count()),
            [nameof(AreaUnderMargin)] = ForEachRow(row => Mean(trace.Margins, row)),
        });

        float[] ForEachRow(Func<int, double> value) => [.. Enumerable.Range(0, trace.RowIds.Count).Select(row => (float)value(row))];
    }

    private static (IReadOnlyList<string> Ids, IReadOnlyDictionary<string, float[]> Columns) GradientColumns(FactorTraining training)
    {
        var trace = training.Trace!;
        return (trace.RowIds, new Dictionary<string, float[]>
        {
            [nameof(TraceGradientNorm)] = [.. trace.SquaredGradientNorms],
            [nameof(GradientVariance)] = [.. trace.InputGradientVariances],
        });
    }

    private static double Mean(IReadOnlyList<float[]> epochs, int row) => epochs.Average(epoch => (double)epoch[row]);

    private static double Deviation(IReadOnlyList<float[]> epochs, int row)
    {
        var mean = Mean(epochs, row);
        return Math.Sqrt(epochs.Average(epoch => (epoch[row] - mean) * (epoch[row] - mean)));
    }

    // A row that was never learned cannot be forgotten; the paper counts infinity, which no learned row reaches either.
    private static int CountForgetting(IReadOnlyList<bool[]> epochs, int row) =>
        epochs.Any(epoch => epoch[row]) ? epochs.Zip(epochs.Skip(1)).Count(pair => pair.First[row] && !pair.Second[row]) : epochs.Count;
}
