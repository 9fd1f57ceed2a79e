using Unlearn.Transforms;

namespace Unlearn.MLNet.Statistics;

/// <summary>Kendall's coefficient of concordance: how far several rankings of the same rows agree.</summary>
internal sealed record KendallsW
{
    /// <summary>Agreement of the rankings: from 0, none, to 1, the same ranking.</summary>
    public required double W { get; init; }

    /// <summary>Share of random permutations of the rankings that agree at least as much, the rankings themselves among them; in (0, 1].</summary>
    public required double PValue { get; init; }

    /// <summary>Number of rankings.</summary>
    public required int Rankings { get; init; }

    /// <summary>Number of rows in each ranking.</summary>
    public required int Rows { get; init; }

    /// <summary>Mean of W over independent rankings: 1 / <see cref="Rankings"/>.</summary>
    public double Independent => 1.0 / Rankings;

    /// <summary>Permutations unless told otherwise.</summary>
    public const int DefaultPermutations = 999;

    /// <summary>
    /// W = 12 Σ_i (R_i − R̄)² / (m² (n³ − n) − m Σ_j T_j) with R_i the sum of row i's midranks over the m rankings and T_j = Σ (t³ − t) over the ties
    /// of ranking j (Kendall and Babington Smith 1939; ties: Kendall 1945). The p-value permutes each ranking's rows on their own.
    /// </summary>
    /// <param name="scores">Rankings as scores, one per row in each; infinite values are allowed, NaN is not. Two or more.</param>
    /// <param name="seed">Seed of the permutations.</param>
    /// <param name="permutations">Number of permutations, from 1.</param>
    /// <returns>The coefficient; W and its p-value are NaN when there are fewer than two rows or all rankings are constant.</returns>
    /// <exception cref="ArgumentException">There are fewer than two rankings, their lengths differ, or a score is NaN.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no permutation.</exception>
    public static KendallsW Of(IReadOnlyList<IReadOnlyList<double>> scores, long seed, int permutations = DefaultPermutations)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(permutations, 1);
        if (scores.Count < 2)
            throw new ArgumentException($"Agreement needs two rankings or more; there are {scores.Count}.", nameof(scores));
        var (m, n) = (scores.Count, scores[0].Count);
        if (scores.FirstOrDefault(ranking => ranking.Count != n) is { } other)
            throw new ArgumentException($"There are rankings of {n} and of {other.Count} rows: all must be of the same rows.", nameof(scores));

        double[][] ranks = [.. scores.Select(RankStatistics.Ranks)];
        var ties = ranks.Sum(ranking => ranking.CountBy(rank => rank).Sum(tie => Math.Pow(tie.Value, 3) - tie.Value));
        var most = ((double)m * m * (Math.Pow(n, 3) - n) - m * ties) / 12;
        if (!(most > 0))
            return new() { W = double.NaN, PValue = double.NaN, Rankings = m, Rows = n };

        var observed = Spread(ranks);
        var random = new SeededRandom(Seed.Derive(seed, "Kendall's W"));
        var asMuch = 1;
        for (var i = 0; i < permutations; i++)
        {
            // The first ranking may stay: only how the others lie to it matters.
            foreach (var ranking in ranks.AsSpan(1))
                random.Shuffle<double>(ranking);
            asMuch += Spread(ranks) >= observed * (1 - 1e-12) ? 1 : 0;
        }
        return new() { W = Math.Min(1, observed / most), PValue = asMuch / (permutations + 1.0), Rankings = m, Rows = n };
    }

    private static double Spread(double[][] ranks)
    {
        var (mean, spread) = (ranks.Length * (ranks[0].Length + 1) / 2.0, 0.0);
        for (var row = 0; row < ranks[0].Length; row++)
        {
            var sum = -mean;
            foreach (var ranking in ranks)
                sum += ranking[row];
            spread += sum * sum;
        }
        return spread;
    }
}
