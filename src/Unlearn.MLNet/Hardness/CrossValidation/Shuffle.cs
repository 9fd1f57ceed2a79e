using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>What permutation importance shuffles together: one factor, or all of a family.</summary>
internal sealed record Shuffle(string Name, bool IsFamily, int[] Columns)
{
    /// <summary>Each factor, and each family that has several factors but not all.</summary>
    public static Shuffle[] Of(IReadOnlyList<FactorColumn> factors)
    {
        var places = factors.Select((factor, place) => (factor, place)).ToList();
        return
        [
            .. places.Select(factor => new Shuffle(factor.factor.Name, false, [factor.place])),
            .. places.GroupBy(factor => factor.factor.Family, factor => factor.place)
                .Where(family => family.Count() > 1 && family.Count() < factors.Count).Select(family => new Shuffle(family.Key, true, [.. family])),
        ];
    }

    /// <summary>For each row of a fold, the row of the same fold to take the values from, by its place in the fold.</summary>
    public static int[] Permute(int rows, long seed, int fold, int place, int repetition)
    {
        int[] permuted = [.. Enumerable.Range(0, rows)];
        new SeededRandom(Seed.Derive(seed, "permutation importance", fold, place, repetition)).Shuffle<int>(permuted);
        return permuted;
    }

    /// <summary>The loss of AUC by the shuffled predictions of each repetition.</summary>
    public FactorImportance Importance(double[] unshuffled, IEnumerable<double[]> repetitions, IReadOnlyList<bool> labels)
    {
        var auc = RankStatistics.Auc(unshuffled, labels);
        double[] losses = [.. repetitions.Select(predictions => auc - RankStatistics.Auc(predictions, labels))];
        var mean = losses.Average();
        return new() { Name = Name, IsFamily = IsFamily, Loss = mean, Deviation = losses.Length < 2
            ? double.NaN
            : Math.Sqrt(losses.Sum(loss => (loss - mean) * (loss - mean)) / (losses.Length - 1)) };
    }
}
