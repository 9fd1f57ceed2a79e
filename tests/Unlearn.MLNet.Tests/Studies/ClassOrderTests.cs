using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.MLNet.Labeling;
using Unlearn.MLNet.Tests.Unlearners;
using Unlearn.MLNet.Trials;
using Unlearn.MLNet.Trials.Planning;
using Unlearn.MLNet.Trials.Running;
using Unlearn.Transforms;
using Xunit;

namespace Unlearn.MLNet.Tests.Studies;

/// <summary>Rows whose label keys were made by another fit of <c>MapValueToKey</c>: they are brought to the target's order by name, or refused.</summary>
public sealed class ClassOrderTests : IDisposable
{
    private static readonly string[] Names = ["ham", "spam", "news"];
    private readonly TrainingRows _rows = Named(TinyStudy.Rows(90), Names);
    private readonly TorchTarget _target;

    public ClassOrderTests() => _target = TinyStudy.Recipe.Train(_rows, Enumerable.Range(0, 90).ToArray(), seed: 3);

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    public static TheoryData<string> Unlearners => [.. OwnUnlearners.All
        .Where(unlearner => unlearner is not ConvolutionTranspose)
        .Select(unlearner => unlearner.Name)];

    /// <summary>
    /// The rows with their classes numbered in another order; <paramref name="names"/> holds each of <see cref="Names"/>, or one that stands for it.
    /// </summary>
    private static TrainingRows Named(TrainingRows rows, params string[] names)
    {
        using (rows)
            return new(
                rows.Ids,
                rows.CopyFeatures(),
                rows.FeatureCount,
                [.. rows.LabelValues.Select(label => (long)Array.FindIndex(names, name => name == Names[label] || name == "rose" && Names[label] == "spam"))],
                rows.ClassCount,
                names);
    }

    [Fact]
    public async Task A_study_takes_test_rows_of_any_order()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        using var rows = Named(TinyStudy.Rows(240), Names);
        using var testRows = Named(TinyStudy.Rows(60, seed: 2), Names);
        using var others = Named(TinyStudy.Rows(60, seed: 2), "news", "ham", "spam");
        var expected = await TinyStudy.Create(first.Path, workers: 2).RunAsync(rows, testRows, cancellationToken: TestContext.Current.CancellationToken);
        var actual = await TinyStudy.Create(second.Path, workers: 2).RunAsync(rows, others, cancellationToken: TestContext.Current.CancellationToken);
        Assert.InRange(expected.Target.TestAccuracy, 0.6, 1);
        Assert.Equal(expected.Target.TestAccuracy, actual.Target.TestAccuracy);
        Assert.Equal(expected.Unlearners.Select(unlearner => unlearner.TestAccuracy), actual.Unlearners.Select(unlearner => unlearner.TestAccuracy));
        Assert.Equal(Names, actual.ClassNames);
        // The same trials: one ledger serves both.
        await TinyStudy.Create(first.Path, workers: 2).RunAsync(rows, others, cancellationToken: TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_study_refuses_test_rows_of_unknown_classes_before_it_trains()
    {
        using var folder = new TemporaryFolder();
        using var unknown = Named(TinyStudy.Rows(60, seed: 2), "news", "ham", "rose");
        using var four =
            new TrainingRows(unknown.Ids, unknown.CopyFeatures(), unknown.FeatureCount, [.. Enumerable.Range(0, 60).Select(row => (long)(row % 4))], 4);
        foreach (var (testRows, words) in new[]
        {
            (unknown, new[] { "Row '1' of the test rows", "'rose'", "'ham', 'spam', 'news'" }),
            (four, ["Row '3' of the test rows", "class 4", "1 to 3"]),
        })
        {
            List<StudyProgress> reports = [];
            var failure = await Assert.ThrowsAsync<InvalidOperationException>(
                () => TinyStudy.Create(folder.Path, workers: 1).RunAsync(_rows, testRows, new ProgressRecorder<StudyProgress>(reports)));
            Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
            Assert.Empty(reports);
            Assert.Throws<InvalidOperationException>(() => new TrialSubject(_target, TinyStudy.Recipe, _rows, testRows, TimeProvider.System));
        }
    }

    [Fact]
    public void A_trial_measures_test_rows_of_any_order()
    {
        using var testRows = Named(TinyStudy.Rows(60, seed: 2), Names);
        using var others = Named(TinyStudy.Rows(60, seed: 2), "spam", "news", "ham");
        var trial = TrialPlanner.Plan("FT", TrialContext.Of(new FineTuning(), TinyStudy.Recipe, 3, _rows, testRows), _rows.Ids, 2, 0.2, seed: 1).Trials[0];
        var accuracies = new[] { testRows, others }.Select(rows => new TrialSubject(_target, TinyStudy.Recipe, _rows, rows, TimeProvider.System))
            .Select(subject => (subject.TargetTestAccuracy, subject.Run(new FineTuning(), trial, CancellationToken.None).TestAccuracy)).ToList();
        Assert.Equal(accuracies[0], accuracies[1]);
        Assert.InRange(accuracies[0].TestAccuracy!.Value, 0.6, 1);
    }

    [Fact]
    public async Task Labeling_takes_test_data_of_any_order_and_refuses_unknown_classes()
    {
        var context = new MLContext(1);
        using var testRows = Named(TinyStudy.Rows(30, seed: 2), Names);
        using var others = Named(TinyStudy.Rows(30, seed: 2), "spam", "news", "ham");
        using var unknown = Named(TinyStudy.Rows(30, seed: 2), "rose", "news", "ham");
        var expected = await Label(testRows);
        var actual = await Label(others);
        Assert.Equal(expected.Trials.Runs.SelectMany(run => run.Run.Results).Select(result => (result.TrialId, result.TestAccuracy)),
            actual.Trials.Runs.SelectMany(run => run.Run.Results).Select(result => (result.TrialId, result.TestAccuracy)));
        Assert.Contains("'rose'", (await Assert.ThrowsAsync<InvalidOperationException>(() => Label(unknown))).Message, StringComparison.Ordinal);

        Task<HardnessLabels> Label(TrainingRows test) => new HardnessLabeler(new()
        {
            Recipe = TinyStudy.Recipe,
            Unlearners = [new ExactRetraining()],
            TestData = test.ToDataView(context),
            CeilingGoal = 0.51,
            MaximumTrials = 60,
            Workers = 1,
        }).RunAsync(_rows.ToDataView(context), cancellationToken: TestContext.Current.CancellationToken);
    }

    [Theory, MemberData(nameof(Unlearners))]
    public void An_unlearned_model_has_the_classes_of_its_target_and_factors_by_name(string name)
    {
        using var unlearned = KnownUnlearners.Find(name).Unlearn(new(_target, TinyStudy.Recipe, _rows, [4, 7], seed: 1), CancellationToken.None);
        Assert.Equal(Names, unlearned.Model.ClassNames);
        Assert.Equal(Names, unlearned.Original?.ClassNames ?? Names);
        var context = new MLContext(1);
        using var others = Named(TinyStudy.Rows(90), "spam", "news", "ham");
        var (data, other) = (_rows.ToDataView(context), others.ToDataView(context));
        var estimator = context.Transforms.UnlearnFactors("UnlearnFactors", unlearned.Model);
        var expected = Losses(estimator.Fit(data).Transform(data));
        Assert.Equal(expected, Losses(estimator.Fit(data).Transform(other)));
        Assert.Equal(expected, Losses(estimator.Fit(other).Transform(other)));

        static float[] Losses(IDataView output) => [.. output.GetColumn<float>("Loss")];
    }

    [Theory, MemberData(nameof(Unlearners))]
    public void Models_that_are_unlearned_at_once_have_the_classes_of_their_target(string name)
    {
        if (KnownUnlearners.Find(name) is not IBatchUnlearner unlearner)
            return;
        var recipe = TinyStudy.Recipe with { Stack = 2 };
        using var batch =
            unlearner.UnlearnMany([new(_target, recipe, _rows, [4, 7], seed: 1), new(_target, recipe, _rows, [5, 8], seed: 2)], CancellationToken.None);
        using var second = batch.Take(1);
        Assert.Equal(Names, second.Model.ClassNames);
    }

    [Fact]
    public void A_request_an_ensemble_and_a_subject_of_several_orders_are_refused()
    {
        using var others = Named(TinyStudy.Rows(90), "spam", "news", "ham");
        using var other = TinyStudy.Recipe.Train(others, Enumerable.Range(0, 90).ToArray(), seed: 3);
        foreach (Func<object> action in new Func<object>[]
        {
            () => new UnlearningRequest(_target, TinyStudy.Recipe, others, [1], seed: 1),
            () => new EnsembleTarget([other, _target]),
            () => new TrialSubject(_target, TinyStudy.Recipe, others, testRows: null, TimeProvider.System),
        })
        {
            var failure = Assert.Throws<ArgumentException>(action);
            Assert.Contains("['spam', 'news', 'ham']", failure.Message, StringComparison.Ordinal);
            Assert.Contains("['ham', 'spam', 'news']", failure.Message, StringComparison.Ordinal);
        }
    }
}
