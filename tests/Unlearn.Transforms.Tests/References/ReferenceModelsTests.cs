using TorchSharp;
using Unlearn.Transforms.Numerics;
using Unlearn.Transforms.References;
using Xunit;

namespace Unlearn.Transforms.Tests.References;

public sealed class ReferenceModelsTests : IDisposable
{
    private readonly TrainingRows _rows = TinyRows.Training(43, 6);

    public void Dispose() => _rows.Dispose();

    private static TorchRecipe Recipe => new(TorchArchitecture.Mlp(6, TinyRows.Classes, 4)) { Epochs = 2, BatchSize = 16, Device = TorchDevice.Cpu };

    [Theory]
    [InlineData(10, 0.5, 5)]
    [InlineData(7, 0.5, 4)]
    [InlineData(8, 0.75, 6)]
    public void Every_row_is_in_equally_many_models_and_every_model_has_about_equally_many_rows(int models, double share, int modelsOfRow)
    {
        var design = new ReferenceDesign(43, models, share, seed: 3);
        for (var row = 0; row < 43; row++)
            Assert.Equal(modelsOfRow, design.Members.Count(model => model[row]));
        var sizes = design.Members.Select(model => model.Count(isIn => isIn)).ToList();
        Assert.InRange(sizes.Max() - sizes.Min(), 0, modelsOfRow);
        Assert.Equal(models, design.Seeds.Distinct().Count());
        Assert.Equal(models, design.Members.Select(model => string.Concat(model)).Distinct().Count());
    }

    [Fact]
    public void Rows_share_models_as_often_as_chance_has_it()
    {
        var together = Enumerable.Range(0, 200).Count(seed =>
        {
            var design = new ReferenceDesign(43, 10, 0.5, seed);
            return design.Members[0][4] && design.Members[0][17];
        });
        Assert.InRange(together / 200.0, 0.13, 0.37);
    }

    [Fact]
    public void The_number_of_workers_changes_nothing()
    {
        var reports = new List<int>();
        var one = ReferenceModels.Train(Recipe, _rows, seed: 5, count: 6, workers: 1, cancellationToken: TestContext.Current.CancellationToken);
        var three = ReferenceModels.Train(
            Recipe, _rows, seed: 5, count: 6, workers: 3, progress: new Reports(reports), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(one.Members, three.Members);
        Assert.Equal(one.LogitConfidences, three.LogitConfidences);
        Assert.Equal(Enumerable.Range(1, 6), reports);
        var other = ReferenceModels.Train(Recipe, _rows, seed: 6, count: 6, cancellationToken: TestContext.Current.CancellationToken);
        Assert.NotEqual(one.LogitConfidences[0], other.LogitConfidences[0]);
    }

    [Fact]
    public void A_model_is_what_the_recipe_makes_of_its_rows()
    {
        var references = ReferenceModels.Train(Recipe, _rows, seed: 5, count: 4, cancellationToken: TestContext.Current.CancellationToken);
        int[] positions = [.. Enumerable.Range(0, _rows.Count).Where(row => references.Members[2][row])];
        using var model =
            Recipe.Train(_rows, positions, new ReferenceDesign(_rows.Count, 4, 0.5, 5).Seeds[2], cancellationToken: TestContext.Current.CancellationToken);
        using var logits = model.Logits(_rows.Features);
        var f = logits.data<float>().ToArray();
        for (var row = 0; row < _rows.Count; row++)
        {
            double[] own = [.. f.AsSpan(row * TinyRows.Classes, TinyRows.Classes).ToArray()];
            var p = Math.Exp(own[_rows.LabelAt(row)]) / own.Sum(Math.Exp);
            Assert.Equal(Math.Log(p / (1 - p)), references.LogitConfidences[2][row], 1e-4);
        }
        Assert.Equal(_rows.Ids, references.RowIds);
    }

    [Fact]
    public void Stacked_models_are_the_same_up_to_rounding()
    {
        var single = ReferenceModels.Train(Recipe, _rows, seed: 5, count: 5, cancellationToken: TestContext.Current.CancellationToken);
        var stacked = ReferenceModels.Train(Recipe with { Stack = 3 }, _rows, seed: 5, count: 5, cancellationToken: TestContext.Current.CancellationToken);
        for (var model = 0; model < 5; model++)
            for (var row = 0; row < _rows.Count; row++)
                Assert.Equal(single.LogitConfidences[model][row], stacked.LogitConfidences[model][row], 1e-3f);
    }

    [Fact]
    public void Any_recipe_will_do_even_one_whose_models_are_certain()
    {
        var references = ReferenceModels.Train(new CertainRecipe(), _rows, seed: 1, count: 4, cancellationToken: TestContext.Current.CancellationToken);
        for (var model = 0; model < 4; model++)
            Assert.Equal(Enumerable.Range(0, _rows.Count).Select(row => _rows.LabelAt(row) == 0 ? LogitConfidence.Limit : -LogitConfidence.Limit),
                references.LogitConfidences[model]);
    }

    [Fact]
    public void Logit_confidence_does_not_cancel()
    {
        using var scope = torch.NewDisposeScope();
        var logProbabilities = torch.nn.functional.log_softmax(torch.tensor(new[,] { { 40f, 0f, 0f }, { 0f, 40f, 0f }, { 1f, 2f, 3f } }), 1);
        var values = LogitConfidence.Of(logProbabilities, torch.tensor(new long[] { 0, 0, 2 })).data<float>().ToArray();
        Assert.Equal(40 - Math.Log(2), values[0], 1e-4);
        Assert.Equal(-40, values[1], 1e-4);
        Assert.Equal(3 - Math.Log(Math.E + Math.Exp(2)), values[2], 1e-5);
    }

    [Fact]
    public void Bad_arguments_are_named()
    {
        static void Throws<T>(Action action, params string[] words) where T : Exception
        {
            var failure = Assert.ThrowsAny<T>(action);
            Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
        }
        Throws<ArgumentException>(() => ReferenceModels.Train(Recipe, _rows, 1, count: 3), "3 models", "out of 1", "4 models");
        Throws<ArgumentException>(() => ReferenceModels.Train(Recipe, _rows, 1, count: 10, share: 0.9), "0.9", "out of 1", "20 models");
        Throws<ArgumentOutOfRangeException>(() => ReferenceModels.Train(Recipe, _rows, 1, share: 1), "share");
        Throws<ArgumentOutOfRangeException>(() => ReferenceModels.Train(Recipe, _rows, 1, workers: 0), "workers");
        Throws<TrainingDivergedException>(() => ReferenceModels.Train(Recipe with { LearningRate = 1e30 }, _rows, 1), "learning rate");
        Throws<OperationCanceledException>(() => ReferenceModels.Train(Recipe, _rows, 1, cancellationToken: new(canceled: true)));
        bool[][] members = [[true, true], [true, true], [false, true], [false, false]];
        float[][] confidences = [[1, 1], [1, 1], [1, 1], [1, 1]];
        Throws<ArgumentException>(() => _ = new ReferenceModels(["a", "b"], [0, 1], members, confidences), "'b'", "in 3", "out of 1");
        Throws<ArgumentException>(() => _ = new ReferenceModels(["a", "b"], [0], members, confidences), "1 labels");
        Throws<ArgumentException>(() => _ = new ReferenceModels(["a", "b"], [0, 1], members, confidences[..3]), "3 models");
        members[2][1] = false;
        confidences[1][1] = float.NaN;
        Throws<ArgumentException>(() => _ = new ReferenceModels(["a", "b"], [0, 1], members, confidences), "'b'", "NaN");
    }

    private sealed class Reports(List<int> reports) : IProgress<int>
    {
        public void Report(int value) => reports.Add(value);
    }

    private sealed class CertainRecipe : ITrainingRecipe
    {
        public string Specification => "certain";

        public ITarget Train(
            TrainingRows rows,
            ReadOnlyMemory<int> positions,
            long seed,
            IProgress<TrainingProgress>? progress,
            CancellationToken cancellationToken) => new CertainTarget();
    }

    /// <summary>Always predicts class 0 with a probability of exactly 1.</summary>
    private sealed class CertainTarget : ITarget
    {
        public int ClassCount => TinyRows.Classes;

        public int FeatureCount => 6;

        public TargetCapabilities Capabilities => TargetCapabilities.Logits;

        public torch.Tensor Logits(torch.Tensor features)
        {
            var logits = torch.full([features.shape[0], ClassCount], float.NegativeInfinity);
            logits[.., 0] = 0;
            return logits;
        }

        public torch.Tensor Embed(torch.Tensor features) => features.alias();

        public ITarget Clone() => new CertainTarget();

        public void Dispose() { }
    }
}
