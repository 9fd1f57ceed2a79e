using Unlearn.Transforms;

namespace Unlearn.MLNet.Hardness.CrossValidation;

/// <summary>
/// Trains all models of an evaluation, fold by fold and several at once. For each unlearner, it trains one model per factor subset, and one on the
/// pooled labels of all other unlearners; see <see cref="PooledLabels"/>. Every seed depends only on the root seed and the fold, so the order and the
/// number of workers do not matter.
/// </summary>
internal sealed class HardnessCrossValidation
{
    private readonly FactorTable _table;
    private readonly IReadOnlyList<IReadOnlyList<bool>> _labels;
    private readonly IReadOnlyList<int> _groups;
    private readonly GroupedFolds _folds;
    private readonly HardnessOptions _options;
    private readonly int _seed;
    private readonly int[][] _columns;
    private readonly int _common;
    private readonly IReadOnlyList<bool> _withFamilies;
    private readonly Shuffle[] _shuffles;

    /// <summary>Prepares the models; the inputs are checked already.</summary>
    /// <param name="factors">The factors.</param>
    /// <param name="labels">Labels of the rows, per unlearner.</param>
    /// <param name="groups">Group of each row.</param>
    /// <param name="folds">The folds.</param>
    /// <param name="columns">Places of the factors of each subset, all factors first; no two subsets alike.</param>
    /// <param name="common">Number of subsets to train on for every unlearner, the first ones; the others tell what a family is worth.</param>
    /// <param name="withFamilies">Whether to train on the others too, and to shuffle factors, per unlearner.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Root seed.</param>
    public HardnessCrossValidation(
        IReadOnlyList<FactorColumn> factors, IReadOnlyList<IReadOnlyList<bool>> labels, IReadOnlyList<int> groups, GroupedFolds folds, int[][] columns,
        int common, IReadOnlyList<bool> withFamilies, HardnessOptions options, int seed)
    {
        (_table, _labels, _groups, _folds, _options, _seed) = (new FactorTable(factors), labels, groups, folds, options, seed);
        (_columns, _common, _withFamilies) = (columns, common, withFamilies);
        _shuffles = options.Permutations > 0 ? Shuffle.Of(factors) : [];
        var rows = groups.Count;
        Predictions = [.. withFamilies.Select(all => columns.Take(all ? columns.Length : common).Select(_ => new double[rows]).ToArray())];
        LeaveOneOut = labels.Count > 1 ? [.. labels.Select(_ => new double[rows])] : [];
        Trainers = [.. labels.Select(_ => new string[folds.Count])];
        Contributions = [.. labels.Select(_ => Enumerable.Repeat<float[]>([], rows).ToArray())];
        Unshuffled = [.. withFamilies.Select(all => all ? new double[rows] : [])];
        Shuffled =
        [
            .. withFamilies.Select(all => _shuffles.Take(all ? _shuffles.Length : 0)
                .Select(_ => Enumerable.Range(0, options.Permutations).Select(_ => new double[rows]).ToArray()).ToArray()),
        ];
    }

    /// <summary>Predictions of each row by a model that was trained without its fold: by unlearner and subset.</summary>
    public double[][][] Predictions { get; }

    /// <summary>The same of models trained on the labels of all other unlearners; empty for a single unlearner.</summary>
    public double[][] LeaveOneOut { get; }

    /// <summary>Name of the trainer of each fold's model of all factors, by unlearner.</summary>
    public string[][] Trainers { get; }

    /// <summary>What each factor adds to each row's score, by unlearner and row; empty lists without permutations, and where models cannot tell.</summary>
    public float[][][] Contributions { get; }

    /// <summary>What is shuffled for permutation importance; nothing without permutations.</summary>
    public IReadOnlyList<Shuffle> Shuffles => _shuffles;

    /// <summary>Predictions that <see cref="Shuffled"/> are compared with, as they may differ from <see cref="Predictions"/> in last bits.</summary>
    public double[][] Unshuffled { get; }

    /// <summary>Predictions with shuffled factors: by unlearner, shuffle and repetition.</summary>
    public double[][][][] Shuffled { get; }

    /// <summary>Trains and predicts.</summary>
    public void Run(CancellationToken cancellationToken)
    {
        // The longest first: models of many factors, and of many rows.
        List<(int Unlearner, int Subset, int Fold)> jobs =
        [
            .. from subset in Enumerable.Range(LeaveOneOut.Length > 0 ? -1 : 0, _columns.Length + (LeaveOneOut.Length > 0 ? 1 : 0))
               from unlearner in Enumerable.Range(0, _labels.Count)
               where subset < _common || _withFamilies[unlearner]
               from fold in Enumerable.Range(0, _folds.Count)
               select (unlearner, subset, fold),
        ];
        WorkerLoop.Run(jobs, _options.Workers, job => Run(job.Unlearner, job.Subset, job.Fold, cancellationToken), cancellationToken);
    }

    private void Run(int unlearner, int subset, int fold, CancellationToken cancellationToken)
    {
        var heldOut = _folds.HeldOut(fold);
        var training = subset >= 0
            ? [.. _folds.Training(fold).Select(row => (row, _labels[unlearner][row]))]
            : PooledLabels.Of(_labels, unlearner, _folds.Training(fold), _seed);
        var model = FoldModel.Fit(_table, _columns[Math.Max(0, subset)], training, _groups, subset < _common ? _options : _options.OfFamilies(),
            (int)(Seed.Derive(_seed, "hardness model", fold) & int.MaxValue), cancellationToken);
        Scatter(model.Predict(heldOut), subset >= 0 ? Predictions[unlearner][subset] : LeaveOneOut[unlearner]);
        if (subset != 0)
            return;

        Trainers[unlearner][fold] = model.Trainer;
        if (_shuffles.Length > 0 && model.Contributions(heldOut) is { } contributions)
            for (var i = 0; i < heldOut.Length; i++)
                Contributions[unlearner][heldOut[i]] = contributions[i];
        if (Shuffled[unlearner].Length == 0)
            return;
        var shuffled = model.PredictShuffled(heldOut,
        [
            ([], [[.. Enumerable.Range(0, heldOut.Length)]]),
            .. _shuffles.Select((shuffle, place) => (shuffle.Columns, Enumerable.Range(0, _options.Permutations)
                .Select(repetition => Shuffle.Permute(heldOut.Length, _seed, fold, place, repetition)).ToArray())),
        ]);
        foreach (var (predictions, rows) in shuffled.Zip(Shuffled[unlearner].SelectMany(repetitions => repetitions).Prepend(Unshuffled[unlearner])))
            Scatter(predictions, rows);

        void Scatter(float[] values, double[] rows)
        {
            for (var i = 0; i < heldOut.Length; i++)
                rows[heldOut[i]] = values[i];
        }
    }
}
