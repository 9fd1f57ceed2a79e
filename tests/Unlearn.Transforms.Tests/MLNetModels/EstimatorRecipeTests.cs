using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels;

/// <summary>Any estimator of ML.NET is a recipe.</summary>
public sealed class EstimatorRecipeTests : IDisposable
{
    private const int Width = 6;
    private readonly TrainingRows _rows = TinyRows.Training(60, Width);
    private readonly TrainingRows _binaryRows = TrainingRows.FromDataView(BinaryRows.View(new MLContext(1)));

    private static EstimatorRecipe Sdca { get; } = new("sdca/1", context => context.MulticlassClassification.Trainers
        .SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1, MaximumNumberOfIterations = 5 }));

    private static int[] All(TrainingRows rows) => [.. Enumerable.Range(0, rows.Count)];

    private static float[] Logits(ITarget target, TrainingRows rows)
    {
        using (target)
        using (var logits = target.Logits(rows.Features))
            return logits.data<float>().ToArray();
    }

    private static void Throws<T>(Func<object> action, params string[] words) where T : Exception
    {
        var failure = Assert.ThrowsAny<T>(action);
        Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
    }

    public void Dispose()
    {
        _rows.Dispose();
        _binaryRows.Dispose();
    }

    [Fact]
    public void The_same_seed_and_rows_give_the_same_model_and_others_another()
    {
        Assert.Equal("ml.net/1 sdca/1", Sdca.Specification);
        var expected = Logits(Sdca.Train(_rows, All(_rows), seed: 5), _rows);
        Assert.Equal(expected, Logits(Sdca.Train(_rows, All(_rows), seed: 5), _rows));
        Assert.NotEqual(expected, Logits(Sdca.Train(_rows, All(_rows), seed: 6), _rows));
        Assert.NotEqual(expected, Logits(Sdca.Train(_rows, All(_rows).AsMemory(..50), seed: 5), _rows));
    }

    [Fact]
    public void It_trains_what_the_estimator_itself_trains_on_these_rows()
    {
        var recipe = new EstimatorRecipe("lbfgs",
            context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1 }));
        var data = TinyRows.View(new MLContext(1), TinyRows.Create(60, Width).Where((_, row) => row % 4 != 0), Width);
        var model = new MLContext(1).MulticlassClassification.Trainers
            .LbfgsMaximumEntropy(new LbfgsMaximumEntropyMulticlassTrainer.Options { NumberOfThreads = 1 })
            .Fit(data);
        using var expected = MLNetTarget.FromTransformer(model, data.Schema);
        var actual = Logits(recipe.Train(_rows, All(_rows).Where(row => row % 4 != 0).ToArray(), seed: 1), _rows);
        Assert.Equal(Logits(expected, _rows).Length, actual.Length);
        foreach (var (one, other) in Logits(MLNetTarget.FromTransformer(model, data.Schema), _rows).Zip(actual))
            Assert.Equal(one, other, 1e-4f);
    }

    // FastTree takes many times as long elsewhere.
    [Fact]
    public async Task It_trains_on_a_thread_of_the_pool_whoever_calls()
    {
        var threads = new List<Thread>();
        var recipe = new EstimatorRecipe("watched", context =>
            new Watched(context.MulticlassClassification.Trainers.NaiveBayes(), () => threads.Add(Thread.CurrentThread)));
        var caller = new Thread(Train);
        caller.Start();
        caller.Join();
        await Task.Run(Train, TestContext.Current.CancellationToken);
        Assert.Equal([true, true], threads.Select(thread => thread.IsThreadPoolThread));

        void Train() => recipe.Train(_rows, All(_rows), seed: 1).Dispose();
    }

    private sealed class Watched(IEstimator<ITransformer> estimator, Action watch) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            watch();
            return estimator.Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) => estimator.GetOutputSchema(inputSchema);
    }

    [Fact]
    public void Two_classes_are_a_boolean_or_a_key_as_the_estimator_asks()
    {
        var binary = new EstimatorRecipe("perceptron", context => context.BinaryClassification.Trainers.AveragedPerceptron());
        var multiclass = new EstimatorRecipe("naive-bayes", context => context.MulticlassClassification.Trainers.NaiveBayes());
        foreach (var recipe in new[] { binary, multiclass })
        {
            using var target = recipe.Train(_binaryRows, All(_binaryRows), seed: 1);
            using var predicted = target.Logits(_binaryRows.Features).argmax(1).eq(_binaryRows.Labels).sum();
            Assert.InRange(predicted.item<long>(), 50, 80);
        }
    }

    [Fact]
    public void A_whole_pipeline_is_a_recipe()
    {
        var recipe =
            new EstimatorRecipe("pipeline", context => context.Transforms.NormalizeMeanVariance("Features", fixZero: false).AppendCacheCheckpoint(context)
                .Append(context.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Append(context.Transforms.Conversion.MapKeyToValue("PredictedLabel")));
        using var target = Assert.IsType<MLNetTarget>(recipe.Train(_rows, All(_rows), seed: 1));
        Assert.Equal(ScoreKind.Probabilities, target.ScoreKind);
        using var correct = target.Logits(_rows.Features).argmax(1).eq(_rows.Labels).sum();
        Assert.InRange(correct.item<long>(), 40, 60);
    }

    [Fact]
    public void Reference_models_are_trained_by_any_recipe_on_any_number_of_workers()
    {
        var one = ReferenceModels.Train(Sdca, _rows, seed: 3, count: 4, workers: 1);
        var two = ReferenceModels.Train(Sdca, _rows, seed: 3, count: 4, workers: 2);
        Assert.Equal(one.LogitConfidences, two.LogitConfidences);

        var context = new MLContext(1);
        var data = TinyRows.View(context, TinyRows.Create(60, Width), Width);
        using var target = new EstimatorRecipe("naive-bayes", c => c.MulticlassClassification.Trainers.NaiveBayes()).Train(_rows, All(_rows), seed: 1);
        var factors = context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, References = one, Factors =
        [
            HardnessFactors.Memorization,
            HardnessFactors.MembershipZ,
        ] }).Fit(data);
        Assert.All(factors.Transform(data).GetColumn<float[]>("UnlearnFactors"), row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
    }

    [Fact]
    public void What_does_not_fit_is_named()
    {
        Throws<InvalidOperationException>(
            () => new EstimatorRecipe("binary", context => context.BinaryClassification.Trainers.AveragedPerceptron()).Train(_rows, All(_rows), 1),
            "'binary' does not take the rows",
            "3 classes",
            "Label");
        Throws<InvalidOperationException>(() => new EstimatorRecipe(
            "column", context => context.MulticlassClassification.Trainers.NaiveBayes(featureColumnName: "X")).Train(_rows, All(_rows), 1), "'column'", "'X'");
        Throws<ArgumentException>(() => Sdca.Train(_rows, ReadOnlyMemory<int>.Empty, 1), "no row");
        Throws<ArgumentException>(() => (Sdca with { Name = " " }).Train(_rows, All(_rows), 1), "Name");
        Throws<ArgumentOutOfRangeException>(
            () => new EstimatorRecipe("no-model", context => context.Transforms.CopyColumns("X", "Features")).Train(_rows, All(_rows), 1),
            "score column 'Score'");
    }

    [Fact]
    public void A_training_can_be_stopped()
    {
        using var source = new CancellationTokenSource();
        var endless = new EstimatorRecipe("endless", context =>
        {
            source.Cancel();
            return context.MulticlassClassification.Trainers.SdcaMaximumEntropy(new SdcaMaximumEntropyMulticlassTrainer.Options
            {
                NumberOfThreads = 1,
                MaximumNumberOfIterations = int.MaxValue,
                ConvergenceTolerance = 1e-30f,
            });
        });
        Assert.ThrowsAny<OperationCanceledException>(() => endless.Train(_rows, All(_rows), seed: 1, cancellationToken: source.Token));
    }
}
