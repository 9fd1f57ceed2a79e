using Unlearn.Transforms;

namespace Unlearn.MLNet.Statistics;

/// <summary>
/// The percentile interval of the bootstrap (Efron 1979) over whole groups of rows: near-duplicates come and go together, so they count as one
/// observation, where DeLong's interval takes all rows to be independent.
/// </summary>
internal static class GroupBootstrap
{
    /// <summary>Resamples unless told otherwise.</summary>
    public const int DefaultReplicates = 1000;

    /// <summary>AUC with its 95 % interval.</summary>
    /// <param name="scores">One score per row; infinite values are allowed, NaN is not.</param>
    /// <param name="labels">One label per row.</param>
    /// <param name="groups">Group of each row; rows of their own have a group of their own.</param>
    /// <param name="seed">Seed of the resamples.</param>
    /// <param name="replicates">Number of resamples, from 100. Those that miss a class, at most about one in seven, have no AUC and are left out.</param>
    /// <returns>The area and its interval; the ends are NaN when a class is in fewer than two groups.</returns>
    /// <exception cref="ArgumentException">The lengths differ, a score is NaN, or one of the two classes is missing.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer than 100 replicates.</exception>
    public static AucEstimate Auc(
        IReadOnlyList<double> scores, IReadOnlyList<bool> labels, IReadOnlyList<int> groups, long seed, int replicates = DefaultReplicates)
    {
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicates, 100);
        var auc = RankStatistics.Auc(scores, labels);
        if (groups.Count != labels.Count)
            throw new ArgumentException($"There are {groups.Count} groups but {labels.Count} labels.", nameof(groups));

        var numbers = groups.Distinct().Select((group, number) => (group, number)).ToDictionary(pair => pair.group, pair => pair.number);
        int[] order = [.. Enumerable.Range(0, scores.Count).OrderBy(row => scores[row])];
        var sorted = order.Select(row => (Score: scores[row], Hard: labels[row], Group: numbers[groups[row]])).ToArray();
        if (sorted.Where(row => row.Hard).DistinctBy(row => row.Group).Take(2).Count() < 2
            || sorted.Where(row => !row.Hard).DistinctBy(row => row.Group).Take(2).Count() < 2)
            return new AucEstimate { Value = auc, Low = double.NaN, High = double.NaN };

        var random = new SeededRandom(Seed.Derive(seed, "bootstrap"));
        var weights = new int[numbers.Count];
        List<double> areas = [];
        for (var replicate = 0; replicate < replicates; replicate++)
        {
            Array.Clear(weights);
            for (var i = 0; i < weights.Length; i++)
                weights[random.Next(weights.Length)]++;
            if (Area(sorted, weights) is { } area)
                areas.Add(area);
        }

        areas.Sort();
        return new AucEstimate { Value = auc, Low = Quantile(areas, 0.025), High = Quantile(areas, 0.975) };
    }

    // Pairs of a positive and a negative in the right order, ties counting half, each row as often as its group was drawn; null without both classes.
    private static double? Area((double Score, bool Hard, int Group)[] sorted, int[] weights)
    {
        var (below, pairs, positives) = (0L, 0.0, 0L);
        for (int start = 0, end; start < sorted.Length; start = end)
        {
            var (hard, easy) = (0L, 0L);
            for (end = start; end < sorted.Length && sorted[end].Score == sorted[start].Score; end++)
            {
                if (sorted[end].Hard)
                    hard += weights[sorted[end].Group];
                else
                    easy += weights[sorted[end].Group];
            }
            pairs += hard * (below + easy / 2.0);
            below += easy;
            positives += hard;
        }
        return positives == 0 || below == 0 ? null : pairs / ((double)positives * below);
    }

    private static double Quantile(List<double> sorted, double share)
    {
        var position = share * (sorted.Count - 1);
        var lower = (int)position;
        return sorted[lower] + (position - lower) * (sorted[lower + 1] - sorted[lower]);
    }
}
