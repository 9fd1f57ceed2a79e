namespace Unlearn.MLNet;

/// <summary>How hard each row was to unlearn for one unlearner: from all trials, and from each half alone. The two halves share no trial.</summary>
public sealed record HardnessScores
{
    /// <summary>Name of the unlearner.</summary>
    public required string Unlearner { get; init; }

    /// <summary>Score of each row from all trials. A higher score means that the row is harder to unlearn.</summary>
    public required IReadOnlyList<double> All { get; init; }

    /// <summary>Scores of the rows from the first half of the trials, then from the second half.</summary>
    public required IReadOnlyList<IReadOnlyList<double>> Halves { get; init; }

    /// <summary>Smallest number of times that either half of the trials forgot a row; <see langword="null"/> if unknown.</summary>
    public int? FewestTrials { get; init; }

    /// <summary>The outcome that the score is; <see langword="null"/> for scores of your own.</summary>
    public Outcome? Outcome { get; init; }

    /// <summary>
    /// Whether each row's score lies above its noise: hard in absolute terms, whatever share of the rows that is. A residual memory is above noise if
    /// it exceeds the 95 % quantile of retrained models' own. Another score is if it exceeds 1.96 of its standard errors, and 0.01.
    /// <see langword="null"/> if unknown.
    /// </summary>
    public IReadOnlyList<bool>? AboveNoise { get; init; }

    /// <summary>
    /// The scores that the target itself has, which is doing nothing; <see langword="null"/> for exact unlearners and for scores of your own.
    /// </summary>
    public HardnessScores? Nothing { get; init; }

    /// <summary>
    /// Halves from trials drawn with replacement, by the number of the draw; <see langword="null"/> for scores that were not made from trials.
    /// </summary>
    internal Func<int, IReadOnlyList<IReadOnlyList<double>>>? Resample { get; init; }

    /// <summary>Labels the hardest rows.</summary>
    /// <param name="scores">Score of each row.</param>
    /// <param name="share">Share of rows that count as hard, in (0, 1).</param>
    /// <returns>One label per row, <see langword="true"/> for hard. Of rows with equal scores, the earlier one is labeled first.</returns>
    /// <exception cref="ArgumentException">The share leaves no hard row or no easy one.</exception>
    public static IReadOnlyList<bool> Label(IReadOnlyList<double> scores, double share)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var hard = CountHard(scores.Count, share);
        var labels = new bool[scores.Count];
        foreach (var row in Enumerable.Range(0, scores.Count).OrderByDescending(row => scores[row]).ThenBy(row => row).Take(hard))
            labels[row] = true;
        return labels;
    }

    /// <summary>Number of rows that count as hard.</summary>
    /// <exception cref="ArgumentException">The share leaves no hard row or no easy one.</exception>
    internal static int CountHard(int rows, double share)
    {
        var hard = (int)Math.Round(share * rows);
        return hard >= 1 && hard < rows
            ? hard
            : throw new ArgumentException(
                $"A share of {share} hard rows leaves {hard} hard ones among {rows}: there must be some of both kinds.", nameof(share));
    }
}
