using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>Trains hardness models on factor columns, through ordinary ML.NET pipelines, and scores them on rows they never saw.</summary>
/// <remarks>
/// One set of folds, stratified by all labels and with near-duplicates together, serves everything that is compared: all factors, tiers, families,
/// ablations, transfer. Nothing is chosen on the rows that a figure is reported on; see <see cref="HardnessSearch"/>.
/// </remarks>
public static class HardnessEvaluator
{
    /// <summary>Evaluates hardness models of one unlearner.</summary>
    /// <param name="factors">The factor columns.</param>
    /// <param name="scores">Hardness scores of the unlearner.</param>
    /// <param name="groups">Group of each row; a group never straddles two folds.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of folds and models.</param>
    /// <param name="cancellationToken">Stops between two models.</param>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, there is no factor or two of the same name, lengths differ, a value is NaN, or a fold holds rows of one label only: fewer folds or more rows are needed.
    /// </exception>
    public static HardnessEvaluation Evaluate(
        IReadOnlyList<FactorColumn> factors, HardnessScores scores, IReadOnlyList<int> groups, HardnessOptions options, int seed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return Compare(factors, [scores], groups, options, seed, cancellationToken).Evaluations[0];
    }

    /// <summary>Evaluates hardness models of several unlearners, and how far hardness is the same for all of them.</summary>
    /// <param name="factors">The factor columns.</param>
    /// <param name="scores">Hardness scores of each unlearner.</param>
    /// <param name="groups">Group of each row; a group never straddles two folds.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of folds and models.</param>
    /// <param name="cancellationToken">Stops between two models.</param>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, there is no unlearner or no factor, two factors have the same name, lengths differ, a value is NaN, or a fold holds rows of one label only: fewer folds or more rows are needed.
    /// </exception>
    public static HardnessComparison Compare(
        IReadOnlyList<FactorColumn> factors, IReadOnlyList<HardnessScores> scores, IReadOnlyList<int> groups, HardnessOptions options, int seed, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(options);
        HardnessInputs.Check(factors, scores, groups);
        options.Check(groups.Count);
        IReadOnlyList<bool>[] labels = [.. scores.Select(score => HardnessScores.Label(score.All, options.HardShare))];
        var folds = GroupedFolds.Split(labels, groups, options.Folds, seed);
        var subsets = FactorSubset.Of(factors).Take(options.Subsets ? int.MaxValue : 1).ToList();
        var places = subsets.Select(subset => Places(factors, subset)).ToList();
        int[][] distinct = [.. places.DistinctBy(Key)];

        var validation = new HardnessCrossValidation(factors, labels, groups, folds, distinct, options, seed);
        validation.Run(cancellationToken);
        HardnessEvaluation[] evaluations =
        [
            .. scores.Select((score, unlearner) => Evaluate(unlearner, score, labels[unlearner]) with { Folds = folds.Folds, Trainers = validation.Trainers[unlearner] }),
        ];
        return new() { Evaluations = evaluations, Agreement = scores.Count == 1 ? null : Agree(scores, evaluations, validation.LeaveOneOut, options, seed) };

        HardnessEvaluation Evaluate(int unlearner, HardnessScores score, IReadOnlyList<bool> hard)
        {
            var predictions = validation.Predictions[unlearner];
            var evaluation = Score(factors, score, hard, predictions[0], groups, options, seed);
            return evaluation with
            {
                Subsets =
                [
                    .. subsets.Zip(places).Skip(1).Select(subset =>
                    {
                        var own = predictions[Array.FindIndex(distinct, columns => Key(columns) == Key(subset.Second))];
                        return new SubsetAuc
                        {
                            Subset = subset.First,
                            Auc = RankStatistics.AucWithInterval(own, hard),
                            Difference = AucDifference.Of(own, predictions[0], hard),
                            AveragePrecision = RankStatistics.AveragePrecision(own, hard),
                            Spearman = RankStatistics.Spearman(own, score.All),
                        };
                    }),
                ],
                Importance = [.. validation.Shuffles.Select((shuffle, place) => shuffle.Importance(evaluation.Auc.Value, validation.Shuffled[unlearner][place], hard))],
            };
        }
    }

    private static HardnessEvaluation Score(
        IReadOnlyList<FactorColumn> factors, HardnessScores scores, IReadOnlyList<bool> labels, double[] predictions, IReadOnlyList<int> groups, HardnessOptions options, int seed)
    {
        var singles = factors.Select(factor => Single(factor, scores.All, labels)).ToList();
        HardnessEvaluation evaluation = new()
        {
            Auc = RankStatistics.AucWithInterval(predictions, labels),
            BootstrapAuc = GroupBootstrap.Auc(predictions, labels, groups, seed),
            Ceiling = GroundTruth.Ceiling.Of(scores, options.HardShare),
            AveragePrecision = RankStatistics.AveragePrecision(predictions, labels),
            Spearman = RankStatistics.Spearman(predictions, scores.All),
            Predictions = predictions,
            Scores = scores.All,
            Labels = labels,
            Roc = RankStatistics.Roc(predictions, labels, maxPoints: 200),
            Calibration = Calibration.Of(predictions, labels),
            LossAuc = singles.FirstOrDefault(single => single.Factor == "Loss")?.Auc ?? double.NaN,
            BestSingle = singles.MaxBy(single => single.Auc)!,
            SingleFactors = singles,
        };
        return evaluation with
        {
            Verdicts =
            [
                new() { Criterion = VerdictCriterion.AucInterval, Value = Math.Min(evaluation.Auc.Low, evaluation.BootstrapAuc is { Low: var low } && !double.IsNaN(low) ? low : double.PositiveInfinity), Target = options.AucTarget },
                scores.FewestTrials < options.FewestTrialsForCeiling
                    ? new() { Criterion = VerdictCriterion.CeilingShare, Value = double.NaN, Target = options.CeilingShareTarget, Reason = "too few trials for a ceiling" }
                    : new() { Criterion = VerdictCriterion.CeilingShare, Value = evaluation.CeilingShare, Target = options.CeilingShareTarget },
            ],
        };
    }

    private static UnlearnerAgreement Agree(IReadOnlyList<HardnessScores> scores, HardnessEvaluation[] evaluations, double[][] leaveOneOut, HardnessOptions options, int seed) => new()
    {
        Transfer = new TransferMatrix
        {
            Names = [.. scores.Select(score => score.Unlearner)],
            Auc = [.. evaluations.Select(trained => evaluations.Select(tested => RankStatistics.AucWithInterval(trained.Predictions, tested.Labels)).ToArray())],
        },
        LeaveOneOut = [
            .. leaveOneOut.Select((predictions, unlearner) =>
            {
                var auc = RankStatistics.AucWithInterval(predictions, evaluations[unlearner].Labels);
                return new LeaveOneOutAuc { Unlearner = scores[unlearner].Unlearner, Auc = auc, Verdict = new() { Criterion = VerdictCriterion.LeaveOneOut, Value = auc.Value, Target = options.LeaveOneOutTarget } };
            }),
        ],
        Concordance = KendallsW.Of([.. scores.Select(score => score.All)], Seed.Derive(seed, "agreement")),
    };

    private static SingleFactorAuc Single(FactorColumn factor, IReadOnlyList<double> scores, IReadOnlyList<bool> labels)
    {
        double[] values = [.. factor.Values.Select(value => (double)value)];
        var auc = RankStatistics.Auc(values, labels);
        return new() { Factor = factor.Name, Auc = Math.Max(auc, 1 - auc), Spearman = RankStatistics.Spearman(values, scores) };
    }

    private static int[] Places(IReadOnlyList<FactorColumn> factors, FactorSubset subset) =>
        [.. Enumerable.Range(0, factors.Count).Where(place => subset.Factors.Contains(factors[place].Name))];

    private static string Key(int[] places) => string.Join(' ', places);
}
