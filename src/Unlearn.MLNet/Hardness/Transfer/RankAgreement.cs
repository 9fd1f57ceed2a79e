namespace Unlearn.MLNet;

/// <summary>How far unlearners agree on which rows are hard, across halves of the trials that share nothing, not even retrained models.</summary>
public sealed record RankAgreement
{
    /// <summary>Names of the unlearners. If one of them is approximate, the last name is doing nothing, which returns the target.</summary>
    public required IReadOnlyList<string> Names { get; init; }

    /// <summary>
    /// <c>Spearman[a][b]</c>: Spearman correlation of <c>Names[a]</c>'s scores from one half with those of <c>Names[b]</c> from the other half, both ways averaged; in [−1, 1]. The diagonal is how far an unlearner
    /// agrees with itself, so noise keeps an entry below about the root of the product of its two diagonal entries.
    /// </summary>
    public required IReadOnlyList<IReadOnlyList<double>> Spearman { get; init; }
}
