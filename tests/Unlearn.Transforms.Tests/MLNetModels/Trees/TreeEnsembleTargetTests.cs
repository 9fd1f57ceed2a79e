using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.FastTree;
using Microsoft.ML.Trainers.LightGbm;
using TorchSharp;
using Xunit;

namespace Unlearn.Transforms.Tests.MLNetModels.Trees;

public sealed class TreeEnsembleTargetTests
{
    private readonly MLContext _context = new(1);

    public static TheoryData<string> Models => [.. TinyTrees.Models];

    [Theory]
    [MemberData(nameof(Models))]
    public void Its_probabilities_are_those_of_the_model(string name)
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(300));
        var model = TinyTrees.Train(name, _context, data);
        using var target = TreeEnsembleTarget.FromModel(model);
        var unseen = TinyTrees.View(_context, TinyTrees.Create(200, seed: 2));
        AssertSameProbabilities(model, target, unseen);
        Assert.Equal(TinyTrees.Width, target.FeatureCount);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void It_is_what_a_target_is_made_of_where_a_model_is_of_trees(string name)
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(100));
        using var target = MLNetTarget.FromTransformer(TinyTrees.Train(name, _context, data), data.Schema);
        Assert.IsType<TreeEnsembleTarget>(target);
    }

    [Fact]
    public void A_recipe_of_a_trainer_of_trees_trains_one()
    {
        using var rows = TrainingRows.FromDataView(TinyTrees.View(_context, TinyTrees.Create(100)));
        using var target =
            new EstimatorRecipe("fast-tree/1", context => TinyTrees.FastTree(context, 5, 4)).Train(rows, Enumerable.Range(0, 80).ToArray(), seed: 1);
        Assert.IsType<TreeEnsembleTarget>(target);
    }

    [Fact]
    public void No_rows_have_no_logits()
    {
        using var scope = torch.NewDisposeScope();
        using var target = TreeEnsembleTarget.FromModel(TinyTrees.Train("FastTree", _context, TinyTrees.View(_context, TinyTrees.Create(100))));
        Assert.Equal([0L, 2L], target.Logits(torch.zeros(0, TinyTrees.Width)).shape);
        Assert.Equal([0L, target.LeafCount], target.Embed(torch.zeros(0, TinyTrees.Width)).shape);
    }

    [Fact]
    public void Categorical_splits_are_followed()
    {
        var random = new Random(3);
        var rows = Enumerable.Range(0, 400).Select(row => random.Next(6) is var kind && random.NextDouble() is var x
            ? new Categorical { Kind = $"k{kind}", X = (float)x, Label = (kind % 2 == 0 ? x > 0.3 : x > 0.8) != random.NextDouble() < 0.1 }
            : throw new InvalidOperationException()).ToList();
        var raw = _context.Data.LoadFromEnumerable(rows);
        var data = _context.Transforms.Categorical
            .OneHotEncoding("Kinds", "Kind")
            .Append(_context.Transforms.Concatenate("Features", "Kinds", "X"))
            .Fit(raw)
            .Transform(raw);
        foreach (var (name, model) in new (string, ITransformer)[]
        {
            ("LightGbm", _context.BinaryClassification.Trainers.LightGbm(new LightGbmBinaryTrainer.Options
            {
                NumberOfIterations = 20, NumberOfLeaves = 6, MinimumExampleCountPerLeaf =
                    5, UseCategoricalSplit = true, MinimumExampleCountPerGroup = 5, MaximumCategoricalSplitPointCount = 8, NumberOfThreads = 1,
            }).Fit(data)),
            ("FastTree", _context.BinaryClassification.Trainers.FastTree(new FastTreeBinaryTrainer.Options
            {
                NumberOfTrees = 20, NumberOfLeaves = 6, MinimumExampleCountPerLeaf = 5, CategoricalSplit = true, NumberOfThreads = 1,
            }).Fit(data)),
        })
        {
            using var target = TreeEnsembleTarget.FromModel(model);
            Assert.True(target.Ensemble.Categories.Length > 0, $"{name} made no categorical split");
            AssertSameProbabilities(model, target, data);
        }
    }

    [Fact]
    public void The_cosine_of_embeddings_is_the_share_of_common_leaves()
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(80));
        using var target = TreeEnsembleTarget.FromModel(TinyTrees.Train("FastTree", _context, data));
        using var scope = torch.NewDisposeScope();
        var features = Features(data);
        var embeddings = torch.nn.functional.normalize(target.Embed(features), dim: 1);
        var cosines = embeddings.matmul(embeddings.t());
        var leaves = target.Leaves(features).data<long>().ToArray();
        for (var a = 0; a < 80; a++)
            for (var b = 0; b < 80; b++)
            {
                var common = Enumerable.Range(0, target.TreeCount).Count(tree => leaves[a * target.TreeCount + tree] == leaves[b * target.TreeCount + tree]);
                Assert.Equal((float)common / target.TreeCount, cosines[a, b].item<float>(), 1e-5);
            }
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void Neighbors_among_leaves_are_those_among_embeddings(string name)
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(120));
        using var target = TreeEnsembleTarget.FromModel(TinyTrees.Train(name, _context, data));
        using var plain = new PlainTarget(target);
        IHardnessFactor[] factors =
            [HardnessFactors.NeighborDistance, HardnessFactors.NearDuplicates, HardnessFactors.CentroidDistance, HardnessFactors.Entanglement];
        var expected = Fit(plain, factors).Transform(data);
        var actual = Fit(target, factors).Transform(data);
        foreach (var factor in factors)
            foreach (var (one, other) in expected.GetColumn<float>(factor.Name).Zip(actual.GetColumn<float>(factor.Name)))
                Assert.Equal(one, other, 1e-4f * Math.Max(1, Math.Abs(one)));

        UnlearnFactorsTransformer Fit(ITarget of, IHardnessFactor[] asked) =>
            _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = of, Factors = asked }).Fit(data);
    }

    [Theory]
    [MemberData(nameof(Models))]
    public void A_loaded_model_gives_the_same_factors(string name)
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(100));
        using var target = TreeEnsembleTarget.FromModel(TinyTrees.Train(name, _context, data));
        TinyTrees.AssertSameFactorsWhenLoaded(_context, target, data);
    }

    [Fact]
    public void What_is_not_possible_is_said()
    {
        var data = TinyTrees.View(_context, TinyTrees.Create(100));
        var trainers = _context.BinaryClassification.Trainers;
        Assert.Contains("Calibrators.Platt()", Message(trainers.FastForest(numberOfTrees: 3).Fit(data)), StringComparison.Ordinal);
        Assert.Contains("IsotonicCalibrator",
            Message(trainers.FastForest(numberOfTrees: 3).Append(_context.BinaryClassification.Calibrators.Isotonic()).Fit(data)), StringComparison.Ordinal);
        Assert.Contains("NormalizingTransformer",
            Message(_context.Transforms.NormalizeMinMax("Features").Append(trainers.FastTree(numberOfTrees: 3)).Fit(data)), StringComparison.Ordinal);
        Assert.Contains("LinearBinaryModelParameters", Message(trainers.LbfgsLogisticRegression().Fit(data)), StringComparison.Ordinal);

        using var target = TreeEnsembleTarget.FromModel(TinyTrees.Train("FastTree", _context, data));
        var gradients = Assert.Throws<ArgumentException>(
            () => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Factors = HardnessFactors.Core }));
        Assert.Contains("'GradientNorm' needs ParameterGradients", gradients.Message, StringComparison.Ordinal);
        Assert.Contains("[2 × 6]", Assert.Throws<ArgumentException>(() => target.Logits(torch.zeros(2, 6))).Message, StringComparison.Ordinal);

        static string Message(ITransformer model) => Assert.Throws<NotSupportedException>(() => TreeEnsembleTarget.FromModel(model)).Message;
    }

    private static void AssertSameProbabilities(ITransformer model, TreeEnsembleTarget target, IDataView data)
    {
        using var scope = torch.NewDisposeScope();
        var expected = model.Transform(data).GetColumn<float>("Probability").ToArray();
        var actual = target.Logits(Features(data)).softmax(1).select(1, 1).data<float>().ToArray();
        Assert.True(expected.Max() - expected.Min() > 0.3);
        for (var row = 0; row < expected.Length; row++)
            Assert.Equal(expected[row], actual[row], 1e-5f);
    }

    private static torch.Tensor Features(IDataView data)
    {
        var rows = data.GetColumn<float[]>("Features").ToArray();
        return torch.tensor(rows.SelectMany(row => row).ToArray(), [rows.Length, rows[0].Length]);
    }

    private sealed class Categorical
    {
        public string Kind { get; set; } = "";

        public float X { get; set; }

        public bool Label { get; set; }
    }

    /// <summary>The same model, without its type: its embeddings are ordinary vectors.</summary>
    private sealed class PlainTarget(TreeEnsembleTarget target) : ITarget
    {
        public int ClassCount => target.ClassCount;

        public int FeatureCount => target.FeatureCount;

        public TargetCapabilities Capabilities => TargetCapabilities.Logits;

        public torch.Tensor Logits(torch.Tensor features) => target.Logits(features);

        public torch.Tensor Embed(torch.Tensor features) => target.Embed(features);

        public ITarget Clone() => new PlainTarget(target.Clone());

        public void Dispose()
        {
        }
    }
}
