using System.Collections.Concurrent;
using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Hardness.Evaluation;
using Unlearn.MLNet.Statistics;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Hardness.Evaluation;

public sealed class HardnessEvaluatorTests
{
    private static readonly HardnessScores[] Scores =
    [
        PlantedHardness.Scores("X", 10),
        PlantedHardness.Scores("Y", 11),
        PlantedHardness.Scores("Z", 12, noise: 1),
    ];

    private static readonly HardnessOptions Quick = PlantedHardness.Options with { Subsets = false, Permutations = 0 };

    private static readonly Lazy<HardnessComparison> Usual = new(() => Compare());

    private static HardnessComparison Compare(HardnessOptions? options = null, IReadOnlyList<HardnessScores>? scores = null) =>
        HardnessEvaluator.Compare(PlantedHardness.Factors(), scores ?? Scores, PlantedHardness.Groups, options ?? PlantedHardness.Options, seed: 1);

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        var (one, two) = (Compare(PlantedHardness.Options with { Workers = 1 }), Usual.Value);
        Assert.Equivalent(one, two, strict: true);
    }

    [Fact]
    public void The_area_alone_is_that_of_the_whole_evaluation() => Assert.Equal(
        HardnessEvaluator.Evaluate(PlantedHardness.Factors(), Scores[0], PlantedHardness.Groups, Quick, seed: 4).Auc,
        HardnessEvaluator.Auc(PlantedHardness.Factors(), Scores[0], PlantedHardness.Groups, PlantedHardness.Options, seed: 4, CancellationToken.None));

    [Fact]
    public void Subsets_show_which_factors_matter()
    {
        var evaluation = Usual.Value.Evaluations[0];
        var auc = evaluation.Subsets.ToDictionary(subset => (subset.Kind, subset.Name), subset => subset.Auc.Value);
        Assert.Equal(
            [(SubsetKind.Tier, "T0"), (SubsetKind.Tier, "T0–T1"), (SubsetKind.Tier, "T0–T2"), .. Of(SubsetKind.Family), .. Of(SubsetKind.Without)],
            evaluation.Subsets.Select(subset => (subset.Kind, subset.Name)));
        Assert.InRange(evaluation.Auc.Value, 0.9, 1);
        Assert.Equal(evaluation.Auc.Value, auc[(SubsetKind.Tier, "T0–T2")]);
        Assert.True(auc[(SubsetKind.Tier, "T0–T1")] > auc[(SubsetKind.Tier, "T0")] + 0.02);
        Assert.InRange(auc[(SubsetKind.Family, "third")], 0.35, 0.65);
        Assert.True(auc[(SubsetKind.Family, "first")] > auc[(SubsetKind.Family, "second")]);
        var without = evaluation.Subsets.Single(subset => subset is { Kind: SubsetKind.Without, Name: "first" });
        Assert.True(without.Difference.High < -0.1);
        Assert.Equal(without.Auc.Value - evaluation.Auc.Value, without.Difference.Value, 12);

        static (SubsetKind, string)[] Of(SubsetKind kind) => [(kind, "first"), (kind, "second"), (kind, "third")];
    }

    [Fact]
    public void The_core_factors_are_evaluated_where_all_of_them_are_there()
    {
        FactorColumn[] core = [.. HardnessFactors.Core.Zip(PlantedHardness.Factors(), (factor, column) => column with { Name = factor.Name })];
        Assert.Equal(["GradientNorm", "SelfInfluence", "Entropy", "BoundaryDistance"], FactorSubset.Of(core)[1].Factors);
        Assert.DoesNotContain(FactorSubset.Of(core[1..]), subset => subset.Kind == SubsetKind.Core);
    }

    [Fact]
    public void Shuffling_a_family_costs_more_than_shuffling_one_of_its_factors()
    {
        var loss = Usual.Value.Evaluations[0].Importance.ToDictionary(factor => (factor.IsFamily, factor.Name), factor => factor.Loss);
        Assert.Equal(4 + 1, loss.Count);
        Assert.True(loss[(true, "first")] > 0.1);
        Assert.True(loss[(true, "first")] > loss[(false, "A")]);
        Assert.InRange(loss[(false, "Noise")], -0.02, 0.02);
    }

    [Fact]
    public void What_factors_add_to_predictions_goes_with_the_predictions_and_is_nothing_for_noise()
    {
        var evaluation = Usual.Value.Evaluations[0];
        Assert.Equal(evaluation.Predictions.Count, evaluation.Contributions.Count);
        var names = PlantedHardness.Factors().Select(factor => factor.Name).ToList();
        Assert.All(evaluation.Contributions, row => Assert.Equal(names.Count, row.Count));
        // They are no parts of a sum, but they go the same way.
        Assert.InRange(RankStatistics.Spearman([.. evaluation.Contributions.Select(row => (double)row.Sum())], evaluation.Predictions), 0.3, 1);
        var noise = names.IndexOf("Noise");
        var shares = names.Select((_, factor) => evaluation.Contributions.Average(row => Math.Abs(row[factor]))).ToList();
        Assert.True(shares[noise] < shares.Max() / 3);
    }

    [Fact]
    public void Transfer_is_scored_on_the_same_folds()
    {
        var comparison = Usual.Value;
        var (evaluations, agreement) = (comparison.Evaluations, comparison.Agreement!);
        Assert.All(evaluations, evaluation => Assert.Equal(evaluations[0].Folds, evaluation.Folds));
        for (var a = 0; a < 3; a++)
        {
            Assert.Equal(evaluations[a].Auc, agreement.Transfer.Auc[a][a]);
            for (var b = 0; b < 3; b++)
                Assert.Equal(RankStatistics.Auc(evaluations[a].Predictions, evaluations[b].Labels), agreement.Transfer.Auc[a][b].Value);
        }
        Assert.Equal(["X", "Y", "Z"], agreement.Transfer.Names);
        Assert.All(agreement.LeaveOneOut.Take(2), left => Assert.InRange(left.Value, 0.9, 1));
        Assert.InRange(agreement.Concordance, 0.6, 1);
        Assert.Null(Compare(Quick, Scores[..1]).Agreement);
    }

    [Fact]
    public void Another_unlearner_beside_it_changes_nothing_of_an_unlearner()
    {
        var alone = HardnessEvaluator.Evaluate(PlantedHardness.Factors(), Scores[1], PlantedHardness.Groups, PlantedHardness.Options, seed: 1);
        Assert.Equivalent(alone, Usual.Value.Evaluations[1], strict: true);
        Assert.Equal(alone.Predictions, Usual.Value.Evaluations[1].Predictions);
    }

    [Fact]
    public void Families_and_importance_are_those_of_exact_unlearners_where_there_is_one()
    {
        var approximate = Scores[1] with { Nothing = Scores[2] };
        var both = Compare(PlantedHardness.Options, [Scores[0], approximate]).Evaluations;
        Assert.Equal(Usual.Value.Evaluations[0].Subsets, both[0].Subsets, (a, b) => (a.Kind, a.Name, a.Auc) == (b.Kind, b.Name, b.Auc));
        Assert.NotEmpty(both[0].Importance);
        Assert.DoesNotContain(both[1].Subsets, subset => subset.Kind is SubsetKind.Family or SubsetKind.Without);
        Assert.Equal(both[0].Subsets.Where(subset => subset.Kind is not (SubsetKind.Family or SubsetKind.Without)).Select(subset => subset.Name),
            both[1].Subsets.Select(subset => subset.Name));
        Assert.Empty(both[1].Importance);
        Assert.Equal(Usual.Value.Evaluations[1].Predictions, both[1].Predictions);

        var alone = Compare(PlantedHardness.Options, [approximate]).Evaluations[0];
        Assert.Contains(alone.Subsets, subset => subset.Kind == SubsetKind.Without);
        Assert.NotEmpty(alone.Importance);
    }

    [Fact]
    public void An_unlearner_whose_hard_rows_share_a_group_is_named()
    {
        // With all hard rows in one group, one fold's model sees none of them.
        var score = Scores[1].All;
        var hard = HardnessScores.Label(score, 0.2);
        int[] groups = [.. hard.Select((isHard, row) => isHard ? -1 : row)];
        var refusal = Assert.Throws<ArgumentException>(() => HardnessEvaluator.Compare(PlantedHardness.Factors(), Scores, groups, Quick, seed: 1)).Message;
        Assert.Matches("Without fold 1 of 3, 2[0-9]+ of 400 rows are left to train on, and none of them is hard for Y.*use more folds", refusal);
    }

    [Fact]
    public void A_score_without_signal_is_not_predicted()
    {
        var random = new Random(7);
        double[] Noise() => [.. Enumerable.Range(0, PlantedHardness.Rows).Select(_ => random.NextDouble())];
        var evaluation = Compare(Quick, [new() { Unlearner = "noise", All = Noise(), Halves = [Noise(), Noise()] }]).Evaluations[0];
        Assert.InRange(evaluation.Auc.Value, 0.38, 0.62);
        Assert.Equal(false, evaluation.Verdicts.Single(verdict => verdict.Criterion == VerdictCriterion.AucInterval).Passed);
    }

    [Fact]
    public void A_ceiling_of_chance_leaves_its_share_undefined()
    {
        var half = Scores[0].Halves[0];
        var evaluation = Compare(Quick, [Scores[0] with { Halves = [half, [.. half.Select(score => -score)]] }]).Evaluations[0];
        Assert.True(double.IsNaN(evaluation.CeilingShare));
        Assert.Null(evaluation.Verdicts.Single(verdict => verdict.Criterion == VerdictCriterion.CeilingShare).Passed);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(2, false)]
    public void There_is_no_verdict_on_a_ceiling_of_too_few_trials(int fewest, bool isRefused)
    {
        var verdict = Compare(Quick, [Scores[0] with { FewestTrials = fewest }]).Evaluations[0].Verdicts
            .Single(verdict => verdict.Criterion == VerdictCriterion.CeilingShare);
        Assert.Equal(isRefused, verdict.Passed is null);
        Assert.Equal(isRefused,
            verdict.ToString() == "NO VERDICT: share of the ceiling's excess over 0.5 is undefined, too few trials for a ceiling; target at least 0.92");
    }

    // An unlearner that leaves the target as it is has the scores of doing nothing, and one whose rows differ has not.
    [Theory]
    [InlineData(0, true)]
    [InlineData(1.5, false)]
    public void A_label_that_doing_nothing_explains_is_not_told_apart(double own, bool isExplained)
    {
        var scores = Scores[0];
        double[] other = [.. PlantedHardness.Factors()[3].Values.Select(value => 3.0 * value)];
        HardnessScores mixed = scores with
        {
            Nothing = scores with { Unlearner = "nothing" },
            All = Mix(scores.All),
            Halves = [Mix(scores.Halves[0]), Mix(scores.Halves[1])],
        };
        var comparison = Compare(Quick, [mixed, Scores[1]]);
        var nothing = comparison.Evaluations[0].Nothing!;
        Assert.Equal(isExplained, !nothing.IsToldApart);
        Assert.Equal((RankStatistics.Auc(scores.Halves[0], HardnessScores.Label(mixed.Halves[1], 0.2)) + RankStatistics.Auc(
            scores.Halves[1], HardnessScores.Label(mixed.Halves[0], 0.2))) / 2, nothing.Auc, 1e-12);
        var verdict = comparison.Evaluations[0].Verdicts.Single(verdict => verdict.Criterion == VerdictCriterion.ToldApart);
        Assert.Equal(!isExplained, verdict.Passed);
        Assert.Equal(isExplained, verdict.ToString().StartsWith("FAIL: not told apart from doing nothing", StringComparison.Ordinal));
        Assert.DoesNotContain(comparison.Evaluations[1].Verdicts, verdict => verdict.Criterion == VerdictCriterion.ToldApart);

        var ranks = comparison.Agreement!;
        Assert.Equal(["X", "Y", "nothing"], ranks.SpearmanNames);
        Assert.Equal((RankStatistics.Spearman(mixed.Halves[0], Scores[1].Halves[1]) + RankStatistics.Spearman(mixed.Halves[1], Scores[1].Halves[0])) / 2,
            ranks.SpearmanAcrossHalves[0][1], 1e-12);
        Assert.Equal(nothing.Spearman, ranks.SpearmanAcrossHalves[2][0], 1e-12);
        Assert.Equal(nothing.OwnSpearman, ranks.SpearmanAcrossHalves[0][0], 1e-12);

        double[] Mix(IReadOnlyList<double> score) => [.. score.Zip(other, (a, b) => a + own * b)];
    }

    [Theory]
    [InlineData(0.1, true)]
    [InlineData(0.3, false)]
    public void Labels_whose_cut_lies_in_the_noise_get_no_verdict(double aboveShare, bool isRefused)
    {
        var evaluation = Compare(Quick, [Scores[0] with { AboveNoise = HardnessScores.Label(Scores[0].All, aboveShare) }]).Evaluations[0];
        Assert.Equal(aboveShare, evaluation.AboveNoiseShare, 1e-12);
        Assert.All(evaluation.Verdicts, verdict => Assert.Equal(isRefused, verdict.Passed is null));
        Assert.Equal(isRefused,
            evaluation.Verdicts[0].ToString().Contains("few rows are hard here: only 10.0 % of the scores lie above their noise", StringComparison.Ordinal));
        Assert.Equal(RankStatistics.Auc(evaluation.Predictions, HardnessScores.Label(Scores[0].All, aboveShare)), evaluation.AboveNoiseAuc, 1e-12);
    }

    [Fact]
    public void What_the_class_and_the_confidence_alone_tell_stands_beside_the_model()
    {
        FactorColumn[] factors = [.. PlantedHardness.Factors(), PlantedHardness.Factors()[0] with { Name = "Loss", Family = "fourth" }];
        // The class is a coarse copy of what drives hardness.
        int[] classes = [.. factors[0].Values.Select(value => (int)(4 * value))];
        var evaluation = HardnessEvaluator.Compare(
            factors, [Scores[0]], PlantedHardness.Groups, Quick, seed: 1, classes, TestContext.Current.CancellationToken).Evaluations[0];
        Assert.InRange(evaluation.ClassAuc, 0.7, evaluation.Auc.Value - 0.02);
        Assert.Equal(4, evaluation.AucWithinClasses.Count);
        int[] ofLast = [.. Enumerable.Range(0, classes.Length).Where(row => classes[row] == 3)];
        Assert.Equal(RankStatistics.Auc([.. ofLast.Select(row => evaluation.Predictions[row])], [.. ofLast.Select(row => evaluation.Labels[row])]),
            evaluation.AucWithinClasses[3], 1e-12);
        Assert.True(double.IsNaN(evaluation.AucWithinClasses[0]));

        // Pairs of a hard and an easy row in one fifth of the losses, one by one.
        var fifth = factors[4].Values
            .Select((value, row) => (value, row))
            .OrderBy(pair => pair.value)
            .Select((pair, rank) => (pair.row, Band: rank * 5 / classes.Length))
            .ToDictionary(pair => pair.row, pair => pair.Band);
        var (right, pairs) = (0.0, 0);
        for (var hard = 0; hard < classes.Length; hard++)
            for (var easy = 0; easy < classes.Length; easy++)
                if (evaluation.Labels[hard] && !evaluation.Labels[easy] && fifth[hard] == fifth[easy])
                {
                    pairs++;
                    right += evaluation.Predictions[hard] > evaluation.Predictions[easy]
                        ? 1
                        : evaluation.Predictions[hard] == evaluation.Predictions[easy] ? 0.5
                        : 0;
                }
        Assert.Equal(right / pairs, evaluation.AucWithinConfidenceBands, 1e-9);
        Assert.Throws<ArgumentException>(
            () => HardnessEvaluator.Compare(factors, [Scores[0]], PlantedHardness.Groups, Quick, seed: 1, [0, 1], TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void No_model_is_trained_on_rows_of_the_fold_that_it_is_scored_on(bool search)
    {
        // A factor that tells the row apart lets the trainer see which rows it is given.
        FactorColumn[] factors =
        [
            new() { Name = "Place", Tier = FactorTier.T0, Values = [.. Enumerable.Range(0, PlantedHardness.Rows).Select(row => (float)row)] },
        ];
        var seen = new ConcurrentBag<int[]>();
        var trainer = new HardnessTrainer("recording", context => new Recording(context.BinaryClassification.Trainers.FastTree(numberOfTrees: 2), seen));
        var options = PlantedHardness.Options with { Trainer = trainer, Candidates = search ? [trainer, trainer] : [], InnerFolds = 2, Permutations = 0 };
        var comparison = HardnessEvaluator.Compare(factors, Scores[..2], PlantedHardness.Groups, options, seed: 1);
        var folds = comparison.Evaluations[0].Folds;
        var models = 2 * 2 * 3;
        Assert.Equal(search ? models * (1 + 2 * 2) : models, seen.Count);
        // Every training set lacks one whole fold at least, and the final ones exactly one.
        Assert.All(seen, rows => Assert.InRange(rows.Select(row => folds[row]).Distinct().Count(), 1, 2));
        Assert.Equal(models, seen.Count(rows => rows.Distinct().Count() == folds.Count(fold => rows.Select(row => folds[row]).Contains(fold))));
        Assert.All(seen, rows => Assert.Empty(rows.Select(row => PlantedHardness.Groups[row]).Intersect(
            Enumerable.Range(0, folds.Count).Except(rows).Select(row => PlantedHardness.Groups[row]))));
    }

    [Fact]
    public void Wrong_input_is_refused_before_training()
    {
        var factors = PlantedHardness.Factors();
        Assert.Contains("Row 3 of factor A is NaN", Refusal([factors[0] with { Values = [1, 2, 3, float.NaN, .. new float[PlantedHardness.Rows - 4]] }]),
            StringComparison.Ordinal);
        Assert.Contains("There are 2 values of factor A but 400 groups", Refusal([factors[0] with { Values = [1, 2] }]), StringComparison.Ordinal);
        Assert.Contains("2 factors are named A", Refusal([factors[0], factors[0]]), StringComparison.Ordinal);
        Assert.Contains("There is no factor", Refusal([]), StringComparison.Ordinal);
        Assert.Contains("400 rows in 1 groups of near-duplicates cannot fill 3 folds", Assert.Throws<ArgumentException>(() =>
            HardnessEvaluator.Evaluate(factors, Scores[0], new int[PlantedHardness.Rows], PlantedHardness.Options, 1)).Message, StringComparison.Ordinal);

        static string Refusal(FactorColumn[] columns) =>
            Assert.Throws<ArgumentException>(() => HardnessEvaluator.Evaluate(columns, Scores[0], PlantedHardness.Groups, PlantedHardness.Options, 1)).Message;
    }

    [Fact]
    public void Predictions_as_a_data_view_are_what_MLNet_evaluates_to_the_same_figures()
    {
        var context = new MLContext(1);
        var comparison = Usual.Value;
        var evaluation = comparison.Evaluations[0];
        var metrics = context.BinaryClassification.Evaluate(evaluation.PredictionsToDataView(context));
        Assert.Equal(evaluation.Auc.Value, metrics.AreaUnderRocCurve, 6);
        Assert.Equal(evaluation.AveragePrecision, metrics.AreaUnderPrecisionRecallCurve, 0.03);
        Assert.Equal(evaluation.Folds, evaluation.PredictionsToDataView(context).GetColumn<int>("Fold"));
        Assert.Throws<ArgumentException>(() => evaluation.PredictionsToDataView(context, ["only one"]));
        Assert.Equal(
            [evaluation.Auc.Value, .. evaluation.Subsets.Select(subset => subset.Auc.Value)], evaluation.SubsetsToDataView(context).GetColumn<double>("Auc"));
        Assert.Equal(evaluation.Importance.Select(factor => factor.Loss), evaluation.ImportanceToDataView(context).GetColumn<double>("Loss"));
        Assert.Equal(["X", "X", "X", "Y", "Y", "Y", "Z", "Z", "Z"], comparison.Agreement!.Transfer.ToDataView(context).GetColumn<string>("TrainedOn"));
    }

    /// <summary>Notes the first feature of every row that it is fitted on.</summary>
    private sealed class Recording(IEstimator<ITransformer> inner, ConcurrentBag<int[]> seen) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            seen.Add([.. input.GetColumn<float[]>("Features").Select(features => (int)features[0])]);
            return inner.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => inner.GetOutputSchema(inputSchema);
    }
}
