using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.MLNet.Statistics;

namespace Unlearn.MLNet.Hardness.Search;

/// <summary>Rows that trainers are compared on, checked, with the folds that all of them share.</summary>
internal sealed class SearchRows
{
    public const string LabelColumn = "Label";
    public const string FeatureColumn = "Features";
    public const string FoldColumn = "Fold";

    private readonly IReadOnlyList<FactorColumn> _factors;
    private readonly IReadOnlyList<int> _groups;
    private readonly int _seed;

    /// <exception cref="ArgumentException">
    /// Lengths differ, a value is NaN, two factors have the same name, there are fewer groups than folds, or a fold, or all rows outside it, lack a class.
    /// </exception>
    public SearchRows(IReadOnlyList<FactorColumn> factors, IReadOnlyList<bool> hard, IReadOnlyList<int> groups, int folds, int seed)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(hard);
        ArgumentNullException.ThrowIfNull(groups);
        if (factors.Count == 0)
            throw new ArgumentException("There is no factor to predict hardness from.", nameof(factors));
        if (factors.GroupBy(factor => factor.Name).FirstOrDefault(name => name.Count() > 1) is { } twice)
            throw new ArgumentException($"{twice.Count()} factors are named {twice.Key}: names must differ.", nameof(factors));
        if (folds < 2 || folds > groups.Count)
            throw new ArgumentException($"{folds} folds of {groups.Count} rows were asked for: ask for at least 2, and at most one for each row.");
        HardnessInputs.Check(factors, hard, groups, "the search");
        (_factors, Hard, _groups, _seed) = (factors, hard, groups, seed);
        Folds = GroupedFolds.Split(groups, folds, seed);
        Folds.DemandBothLabels(hard, "the search");
    }

    public IReadOnlyList<bool> Hard { get; }

    public GroupedFolds Folds { get; }

    /// <summary>
    /// The rows as a data view of label, features and fold. ML.NET's <c>CrossValidationSplit</c> with the fold as its sampling key makes these very folds:
    /// it scales numbers to [0, 1] and cuts there at equal distances, whereas keys of other types are hashed.
    /// </summary>
    public IDataView ToDataView()
    {
        int[] columns = [.. Enumerable.Range(0, _factors.Count)];
        var rows = new FactorTable(_factors).ToDataView(columns, [.. Hard.Select((hard, row) => (row, hard))]);
        rows.Add(FoldColumn, [.. Folds.Folds.Select(fold => (float)fold)]);
        return rows;
    }

    /// <exception cref="ArgumentException">A fold has one class alone, so that it has no AUC of its own.</exception>
    public void DemandBothLabelsInFolds()
    {
        for (var fold = 0; fold < Folds.Count; fold++)
        {
            var hard = Folds.HeldOut(fold).Count(row => Hard[row]);
            if (hard == 0 || hard == Folds.HeldOut(fold).Length)
                throw new ArgumentException($"Fold {fold + 1} of {Folds.Count} has {Folds.HeldOut(fold).Length} rows, of which {hard} are hard, so it has "
                    + "no AUC: use fewer folds, more rows, or another seed.");
        }
    }

    /// <summary>AUC of a trainer over all held-out rows together.</summary>
    public double Auc(HardnessTrainer trainer, int workers, CancellationToken cancellationToken)
    {
        var options = new HardnessOptions { Trainer = trainer, Permutations = 0, Subsets = false, Folds = Folds.Count, Workers = workers };
        int[][] columns = [[.. Enumerable.Range(0, _factors.Count)]];
        var validation = new HardnessCrossValidation(_factors, [Hard], _groups, Folds, columns, common: 1, [true], options, _seed);
        validation.Run(cancellationToken);
        return RankStatistics.Auc(validation.Predictions[0][0], Hard);
    }

    /// <summary>SHA-256 of all that a trial's result depends on besides its settings.</summary>
    public string Hash()
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var names = string.Join('\n', _factors.Select(factor => factor.Name));
        hash.AppendData(Encoding.UTF8.GetBytes(Invariant($"1 {Folds.Count} {_seed} {_groups.Count} {names}")));
        foreach (var factor in _factors)
            hash.AppendData(MemoryMarshal.AsBytes<float>(factor.Values.ToArray()));
        hash.AppendData(MemoryMarshal.AsBytes<bool>(Hard.ToArray()));
        hash.AppendData(MemoryMarshal.AsBytes<int>(_groups.ToArray()));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
