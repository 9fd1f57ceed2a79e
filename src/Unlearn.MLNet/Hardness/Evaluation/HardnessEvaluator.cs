using Unlearn.MLNet.GroundTruth;
using Unlearn.MLNet.Hardness.CrossValidation;
using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;

namespace Unlearn.MLNet;

/// <summary>Trains hardness models on factor columns, through ordinary ML.NET pipelines, and scores them on rows they never saw.</summary>
/// <remarks>
/// One set of folds, which depends on groups and seed alone, serves everything that is compared: all factors, tiers, families, ablations, transfer.
/// Nothing is chosen on the rows that a figure is reported on; see <see cref="HardnessOptions.Candidates"/>.
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
    /// An option is outside its range, there is no factor or two of the same name, lengths differ, a value is NaN, there are fewer groups than folds,
    /// or all rows outside a fold have the same label.
    /// </exception>
    public static HardnessEvaluation Evaluate(
        IReadOnlyList<FactorColumn> factors, HardnessScores scores, IReadOnlyList<int> groups, HardnessOptions options, int seed,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return Compare(factors, [scores], groups, options, seed, null, cancellationToken).Evaluations[0];
    }

    /// <summary>Evaluates hardness models of several unlearners, and how far hardness is the same for all of them.</summary>
    /// <param name="factors">The factor columns.</param>
    /// <param name="scores">Hardness scores of each unlearner.</param>
    /// <param name="groups">Group of each row; a group never straddles two folds.</param>
    /// <param name="options">Options.</param>
    /// <param name="seed">Seed of folds and models.</param>
    /// <param name="classes">Class of each row, from 0, for baselines; may be <see langword="null"/>.</param>
    /// <param name="cancellationToken">Stops between two models.</param>
    /// <exception cref="ArgumentException">
    /// An option is outside its range, there is no unlearner or no factor, two factors have the same name, lengths differ, a value is NaN, there are
    /// fewer groups than folds, or all rows outside a fold have the same label.
    /// </exception>
    public static HardnessComparison Compare(
        IReadOnlyList<FactorColumn> factors, IReadOnlyList<HardnessScores> scores, IReadOnlyList<int> groups, HardnessOptions options, int seed,
        IReadOnlyList<int>? classes = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factors);
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(options);
        HardnessInputs.Check(factors, scores, groups);
        options.Check(groups.Count);
        if (classes is not null && classes.Count != groups.Count)
            throw new ArgumentException($"There are {classes.Count} classes but {groups.Count} groups: both are one per row.", nameof(classes));
        IReadOnlyList<bool>[] labels = [.. scores.Select(score => HardnessScores.Label(score.All, options.HardShare))];
        var folds = GroupedFolds.Split(groups, options.Folds, seed);
        foreach (var (score, hard) in scores.Zip(labels))
            folds.DemandBothLabels(hard, score.Unlearner);
        var subsets = FactorSubset.Of(factors).Take(options.Subsets ? int.MaxValue : 1).ToList();
        var places = subsets.Select(subset => Places(factors, subset)).ToList();
        int[][] distinct = [.. places.DistinctBy(Key)];
        // Families, each alone and left out, come last.
        var common = places.Take(subsets.Count(subset => !subset.IsOfFamily)).DistinctBy(Key).Count();
        var anyIsExact = scores.Any(score => score.Nothing is null);
        bool[] withFamilies = [.. scores.Select(score => score.Nothing is null || !anyIsExact)];

        var validation = new HardnessCrossValidation(factors, labels, groups, folds, distinct, common, withFamilies, options, seed);
        validation.Run(cancellationToken);
        HardnessEvaluation[] evaluations =
        [
            .. scores.Select(
                (score, unlearner) => Evaluate(unlearner, score, labels[unlearner]) with { Folds = folds.Folds, Trainers = validation.Trainers[unlearner] }),
        ];
        return new() { Evaluations = evaluations, Agreement = scores.Count == 1 ? null : Agree(scores, evaluations, validation.LeaveOneOut, options, seed) };

        HardnessEvaluation Evaluate(int unlearner, HardnessScores score, IReadOnlyList<bool> hard)
        {
            var predictions = validation.Predictions[unlearner];
            var evaluation = Score(factors, score, hard, predictions[0], groups, options, seed);
            return evaluation with
            {
                ClassAuc = classes is null ? double.NaN : SimpleBaselines.ClassAlone(classes, hard, folds),
                AucWithinClasses = classes is null ? [] : SimpleBaselines.WithinClasses(predictions[0], classes, hard),
                Subsets =
                [
                    .. subsets.Zip(places).Skip(1).Where(subset => withFamilies[unlearner] || !subset.First.IsOfFamily).Select(subset =>
                    {
                        var own = predictions[Array.FindIndex(distinct, columns => Key(columns) == Key(subset.Second))];
                        return new SubsetAuc
                        {
                            Kind = subset.First.Kind,
                            Name = subset.First.Name,
                            Factors = subset.First.Factors,
                            Auc = RankStatistics.AucWithInterval(own, hard),
                            Difference = DeLong.Difference(own, predictions[0], hard),
                            AveragePrecision = RankStatistics.AveragePrecision(own, hard),
                            Spearman = RankStatistics.Spearman(own, score.All),
                        };
                    }),
                ],
                Contributions = Array.TrueForAll(validation.Contributions[unlearner], row => row.Length == factors.Count)
                    ? validation.Contributions[unlearner]
                    : [],
                Importance =
                [
                    .. validation.Shuffled[unlearner].Zip(
                        validation.Shuffles, (shuffled, shuffle) => shuffle.Importance(validation.Unshuffled[unlearner], shuffled, hard)),
                ],
            };
        }
    }

    /// <summary>The AUC that <see cref="Evaluate"/> finds, without everything else.</summary>
    internal static AucEstimate Auc(
        IReadOnlyList<FactorColumn> factors, HardnessScores scores, IReadOnlyList<int> groups, HardnessOptions options, int seed,
        CancellationToken cancellationToken)
    {
        HardnessInputs.Check(factors, [scores], groups);
        options.Check(groups.Count);
        var labels = HardnessScores.Label(scores.All, options.HardShare);
        var folds = GroupedFolds.Split(groups, options.Folds, seed);
        folds.DemandBothLabels(labels, scores.Unlearner);
        var validation =
            new HardnessCrossValidation(factors, [labels], groups, folds, [[.. Enumerable.Range(0, factors.Count)]], common: 1, [true],
                options with { Permutations = 0 }, seed);
        validation.Run(cancellationToken);
        return RankStatistics.AucWithInterval(validation.Predictions[0][0], labels);
    }

    private static HardnessEvaluation Score(
        IReadOnlyList<FactorColumn> factors, HardnessScores scores, IReadOnlyList<bool> labels, double[] predictions, IReadOnlyList<int> groups,
        HardnessOptions options, int seed)
    {
        var singles = factors.Select(factor => Single(factor, scores.All, labels)).ToList();
        HardnessEvaluation evaluation = new()
        {
            Auc = RankStatistics.AucWithInterval(predictions, labels),
            BootstrapAuc = GroupBootstrap.Auc(predictions, labels, groups, seed),
            Reliability = Ceiling.Reliability(scores, options.HardShare),
            Ceiling = Ceiling.OracleWithInterval(scores, options.HardShare),
            AucWithoutNoise = Ceiling.WithoutNoise(RankStatistics.Auc(predictions, labels), scores, options.HardShare),
            AboveNoiseShare = scores.AboveNoise is { } above ? above.Count(isAbove => isAbove) / (double)above.Count : double.NaN,
            AboveNoiseAuc = scores.AboveNoise is { } absolute && absolute.Contains(true) && absolute.Contains(false)
                ? RankStatistics.Auc(predictions, absolute)
                : double.NaN,
            Nothing = NothingComparer.Of(scores, options.HardShare),
            AucWithinConfidenceBands = factors.FirstOrDefault(factor => factor.Name == "Loss") is { } loss
                ? SimpleBaselines.WithinConfidenceBands(predictions, loss.Values, labels)
                : double.NaN,
            AveragePrecision = RankStatistics.AveragePrecision(predictions, labels),
            Spearman = RankStatistics.Spearman(predictions, scores.All),
            Predictions = predictions,
            Scores = scores.All,
            Labels = labels,
            Calibration = Calibration.Of(predictions, labels),
            LossAuc = singles.FirstOrDefault(single => single.Factor == "Loss")?.Auc ?? double.NaN,
            BestSingle = singles.MaxBy(single => single.Auc)!,
            SingleFactors = singles,
        };
        return evaluation with { Verdicts = Verdicts(evaluation, scores, options) };
    }

    private static Verdict[] Verdicts(HardnessEvaluation evaluation, HardnessScores scores, HardnessOptions options)
    {
        // Where fewer rows are hard than are labeled hard, the label's cut lies in the noise.
        var few = evaluation.AboveNoiseShare < options.HardShare
            ? Invariant($"few rows are hard here: only {evaluation.AboveNoiseShare:0.0 %} of the scores lie above their noise")
            : null;
        var low =
            Math.Min(evaluation.Auc.Low, evaluation.BootstrapAuc is { Low: var bootstrap } && !double.IsNaN(bootstrap) ? bootstrap : double.PositiveInfinity);
        List<Verdict> verdicts =
        [
            Verdict(VerdictCriterion.AucInterval, low, options.AucTarget, few),
            Verdict(VerdictCriterion.CeilingShare, evaluation.CeilingShare, options.CeilingShareTarget, few
                ?? (scores.FewestTrials < options.FewestTrialsForCeiling ? "too few trials for a ceiling" : null)),
        ];
        if (evaluation.Nothing is { } nothing)
            verdicts.Add(Verdict(VerdictCriterion.ToldApart, nothing.OwnAuc - nothing.Auc, NothingComparison.Margin, few));
        return [.. verdicts];

        static Verdict Verdict(VerdictCriterion criterion, double value, double target, string? reason) =>
            new() { Criterion = criterion, Value = reason is null ? value : double.NaN, Target = target, Reason = reason };
    }

    private static UnlearnerAgreement Agree(
        IReadOnlyList<HardnessScores> scores, HardnessEvaluation[] evaluations, double[][] leaveOneOut, HardnessOptions options, int seed)
    {
        IReadOnlyList<HardnessScores> ranked = scores.Select(score => score.Nothing).FirstOrDefault(nothing => nothing is not null) is { } nothing
            ? [.. scores, nothing]
            : scores;
        AucEstimate[] ofOthers =
        [
            .. leaveOneOut.Select((predictions, unlearner) => RankStatistics.AucWithInterval(predictions, evaluations[unlearner].Labels)),
        ];
        var concordance = KendallsW.Of([.. scores.Select(score => score.All)], Seed.Derive(seed, "agreement"));
        return new()
        {
            Transfer = new()
            {
                Names = [.. scores.Select(score => score.Unlearner)],
                Auc = [.. evaluations.Select(
                    trained => evaluations.Select(tested => RankStatistics.AucWithInterval(trained.Predictions, tested.Labels)).ToArray())],
            },
            LeaveOneOut = ofOthers,
            LeaveOneOutVerdicts =
                [.. ofOthers.Select(auc => new Verdict { Criterion = VerdictCriterion.LeaveOneOut, Value = auc.Value, Target = options.LeaveOneOutTarget })],
            SpearmanNames = [.. ranked.Select(score => score.Unlearner)],
            SpearmanAcrossHalves = [.. ranked.Select(a => ranked.Select(b => NothingComparer.SpearmanAcrossHalves(a, b)).ToArray())],
            Concordance = concordance.W,
            ConcordancePValue = concordance.PValue,
        };
    }

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
