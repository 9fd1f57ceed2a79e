using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>Transfer of hardness models between data sets: trained on all rows of one, tested on all rows of another.</summary>
/// <remarks>
/// Factors of different targets have different scales: a gradient norm of 3 is large in one and small in another. So each factor is replaced by its
/// share of rank within its own data set, (midrank − 0.5) / rows, in (0, 1). That takes the factors of a whole data set at once, but none of its labels.
/// A data set on itself is cross-validated on grouped folds. So is it on another one that holds the same rows, such as those of another target: the
/// prediction of a row comes from the model that was trained without the row's fold.
/// </remarks>
public static class DataSetTransfer
{
    private const int WholeSet = -1;

    /// <summary>Trains on each data set and tests on each.</summary>
    /// <param name="sets">Two data sets or more. The factors that all of them have are used.</param>
    /// <param name="options">Options; subsets and permutations are not evaluated.</param>
    /// <param name="seed">Seed of folds and models.</param>
    /// <param name="cancellationToken">Stops between two models.</param>
    /// <exception cref="ArgumentException">
    /// There are fewer than two data sets, they have no factor in common, lengths differ, a value is NaN, two rows have one id, there are fewer groups
    /// than folds, or all rows outside a fold have the same label.
    /// </exception>
    public static TransferMatrix Evaluate(IReadOnlyList<TransferDataSet> sets, HardnessOptions options, int seed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(sets);
        ArgumentNullException.ThrowIfNull(options);
        if (sets.Count < 2)
            throw new ArgumentException($"Transfer needs two data sets or more; there are {sets.Count}.", nameof(sets));
        string[] names = [.. sets[0].Factors.Select(factor => factor.Name).Where(name => sets.All(set => set.Factors.Any(factor => factor.Name == name)))];
        if (names.Length == 0)
            throw new ArgumentException($"The data sets {string.Join(", ", sets.Select(set => set.Name))} have no factor in common.", nameof(sets));
        foreach (var set in sets)
        {
            HardnessInputs.Check(set.Factors, set.Labels, set.Groups, set.Name);
            var ids = set.RowIds.Distinct(StringComparer.Ordinal).Count();
            if (set.RowIds.Count > 0 && (set.RowIds.Count != set.Labels.Count || ids != set.Labels.Count))
                throw new ArgumentException(
                    $"{set.Name} has {set.RowIds.Count} row ids, {ids} different ones, for {set.Labels.Count} rows: give each row one of its own, or none.",
                    nameof(sets));
        }

        FactorTable[] tables = [.. sets.Select(set => new FactorTable([.. names.Select(name => Ranked(set.Factors.First(factor => factor.Name == name)))]))];
        var folds = sets.Select(set => GroupedFolds.Split(set.Groups, options.Folds, seed)).ToArray();
        foreach (var (set, own) in sets.Zip(folds))
            own.DemandBothLabels(set.Labels, set.Name);
        var modelOf = sets.Select((set, trained) => sets.Select((tested, place) => trained == place ? [.. folds[trained].Folds]
            : tested.PlacesIn(set) is { } same ? Array.ConvertAll(same, row => row < 0 ? WholeSet : folds[trained].Folds[row])
            : [.. Enumerable.Repeat(WholeSet, tested.Labels.Count)]).ToArray()).ToArray();
        var predictions = sets.Select(_ => sets.Select(tested => new double[tested.Labels.Count]).ToArray()).ToArray();
        int[] columns = [.. Enumerable.Range(0, names.Length)];
        var jobs = sets.SelectMany((_, set) => Enumerable.Range(WholeSet, options.Folds + 1)
            .Where(fold => modelOf[set].Any(models => models.Contains(fold))).Select(fold => (Set: set, Fold: fold))).ToList();
        WorkerLoop.Run(jobs, options.Workers, job =>
        {
            var (set, fold) = job;
            int[] training = fold == WholeSet ? [.. Enumerable.Range(0, sets[set].Labels.Count)] : folds[set].Training(fold);
            var model = FoldModel.Fit(tables[set], columns, [.. training.Select(row => (row, sets[set].Labels[row]))], sets[set].Groups, options,
                (int)(Seed.Derive(seed, "transfer", fold) & int.MaxValue), cancellationToken);
            for (var tested = 0; tested < sets.Count; tested++)
            {
                int[] rows = [.. modelOf[set][tested].Index().Where(row => row.Item == fold).Select(row => row.Index)];
                if (rows.Length == 0)
                    continue;
                var predicted = (model with { Table = tables[tested] }).Predict(rows);
                for (var i = 0; i < rows.Length; i++)
                    predictions[set][tested][rows[i]] = predicted[i];
            }
        }, cancellationToken);
        return new()
        {
            Names = [.. sets.Select(set => set.Name)],
            Auc = [.. predictions.Select(line => line.Select((predicted, tested) => RankStatistics.AucWithInterval(predicted, sets[tested].Labels)).ToArray())],
        };
    }

    private static FactorColumn Ranked(FactorColumn factor)
    {
        var ranks = RankStatistics.Ranks([.. factor.Values.Select(value => (double)value)]);
        return factor with { Values = Array.ConvertAll(ranks, rank => (float)((rank - 0.5) / ranks.Length)) };
    }
}
