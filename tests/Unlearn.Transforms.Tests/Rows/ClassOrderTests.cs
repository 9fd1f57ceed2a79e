using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Trainers.LightGbm;
using Xunit;

namespace Unlearn.Transforms.Tests.Rows;

/// <summary>Two fits of <c>MapValueToKey</c> may number the same classes differently: factors are those of the class, not of the number.</summary>
public sealed class ClassOrderTests : IDisposable
{
    private static readonly TorchArchitecture Network = TorchArchitecture.Mlp(NamedRows.Width, 3, 5);
    private const int EngineRows = 6;
    private readonly MLContext _context = new(1);
    private readonly List<IDisposable> _owned = [];

    public void Dispose() => _owned.ForEach(owned => owned.Dispose());

    public static readonly string[] Kinds =
    [
        "Torch", "a copy of Torch", "stacked Torch", "continued Torch", "a module with names", "a module without names", "linear",
        "linear by a recipe", "trees", "trees by a recipe", "black box", "black box by a recipe", "unknown",
    ];

    public static TheoryData<string, bool> Cases
    {
        get
        {
            TheoryData<string, bool> cases = [];
            foreach (var kind in Kinds)
                foreach (var isText in new[] { true, false })
                    cases.Add(kind, isText);
            return cases;
        }
    }

    public static TheoryData<string> AllKinds => [.. Kinds];

    [Theory, MemberData(nameof(Cases))]
    public void Factors_do_not_depend_on_the_order_of_the_keys(string kind, bool isText)
    {
        var order = isText ? NamedRows.Names : NamedRows.Numbers;
        var data = NamedRows.View(_context, order);
        var other = NamedRows.View(_context, order[2], order[0], order[1]);
        var target = Target(kind, data);
        var fitted = Estimator(target).Fit(data);
        var expected = Values(fitted.Transform(data));
        Assert.True(expected.Distinct().Count() > 20);
        AssertSame(expected, Values(fitted.Transform(other)));
        AssertSame(expected, Values(Estimator(target).Fit(data).Transform(other)));
        var loaded = Loaded(fitted, data, target);
        AssertSame(expected, Values(loaded.Transform(other)));
        AssertSame(expected[..(EngineRows * fitted.FactorNames.Count)], Predicted(fitted, order[2], order[0], order[1]));
        AssertSame(expected[..(EngineRows * fitted.FactorNames.Count)], Predicted(loaded, order[1], order[2], order[0]));
        if (kind is "a module without names" or "unknown")
            return; // Their order is that of the rows that the factors are fitted on.
        AssertSame(expected, Values(Estimator(target).Fit(other).Transform(other)));
        AssertSame(expected, Values(Estimator(target).Fit(other).Transform(data)));
        AssertSame(expected, Values(Loaded(Estimator(target).Fit(other), other, target).Transform(data)));
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void Keys_without_values_go_by_their_numbers(string kind)
    {
        var data = NamedRows.View(_context, NamedRows.Names);
        var fitted = Estimator(Target(kind, data)).Fit(data);
        AssertSame(Values(fitted.Transform(data)), Values(fitted.Transform(Numbered())));
        AssertSame(Values(fitted.Transform(data)), Values(Estimator(Target(kind, data)).Fit(Numbered()).Transform(data)));
        AssertSame(Values(fitted.Transform(data)), Values(Estimator(Target(kind, Numbered())).Fit(data).Transform(data)));
        AssertSame(Values(fitted.Transform(data)), Values(Estimator(Target(kind, Numbered())).Fit(Numbered()).Transform(Numbered())));
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void A_class_that_the_target_does_not_know_is_refused_by_name(string kind)
    {
        var data = NamedRows.View(_context, NamedRows.Names);
        var rows = NamedRows.Create();
        rows[7].Name = "rose";
        var other = NamedRows.View(_context, rows, "virginica", "rose", "setosa", "versicolor");
        var fitted = Estimator(Target(kind, data)).Fit(data);
        foreach (Func<object> action in new Func<object>[]
        {
            () => Values(fitted.Transform(other)),
            () => Values(Loaded(fitted, data, fitted.Fitted.Model.Target).Transform(other)),
            () => kind is "a module without names" or "unknown" ? Values(fitted.Transform(other)) : Estimator(Target(kind, data)).Fit(other),
        })
        {
            var failure = Assert.Throws<InvalidOperationException>(action);
            foreach (var word in new[] { "'Label'", "'rose'", "row 7", "RowId '7'", "'setosa', 'versicolor', 'virginica'", "train the target on all classes" })
                Assert.Contains(word, failure.Message, StringComparison.Ordinal);
        }
    }

    [Theory, MemberData(nameof(AllKinds))]
    public void Rows_of_some_of_the_classes_find_theirs(string kind)
    {
        var data = NamedRows.View(_context, NamedRows.Names);
        var some = NamedRows.Create().Where(row => row.Name != "versicolor").ToList();
        var fitted = Estimator(Target(kind, data)).Fit(data);
        AssertSame(Values(fitted.Transform(NamedRows.View(_context, some, NamedRows.Names))),
            Values(fitted.Transform(NamedRows.View(_context, some, "virginica", "setosa"))));
    }

    [Theory]
    [InlineData("torch", new[] { 0.30238125f, 0.33556154f, 0.3721292f })]
    [InlineData("ml.net", new[] { 0.85621095f, 0.921036f, 0.8078994f })]
    public void A_model_that_was_saved_before_classes_had_names_goes_by_their_numbers(string kind, float[] confidences)
    {
        var loaded = _context.Model.Load(Path.Combine(AppContext.BaseDirectory, "Models", $"before-class-names-{kind}.zip"), out _);
        foreach (var data in new[] { NamedRows.View(_context, NamedRows.Create(24), NamedRows.Names), Numbered(24) })
            AssertSame(confidences, [.. loaded.Transform(data).GetColumn<float>("Confidence").Take(3)]);
        var renamed = NamedRows.View(_context, NamedRows.Create(24), "setosa", "versicolor", "virginica", "rose");
        AssertSame(confidences, [.. loaded.Transform(renamed).GetColumn<float>("Confidence").Take(3)]);
        using var file = new MemoryStream();
        _context.Model.Save(loaded, renamed.Schema, file);
        file.Position = 0;
        AssertSame(confidences, [.. new MLContext(2).Model.Load(file, out _).Transform(renamed).GetColumn<float>("Confidence").Take(3)]);
    }

    [Fact]
    public void Training_rows_keep_the_names_and_hand_them_on()
    {
        using var rows = TrainingRows.FromDataView(NamedRows.View(_context, NamedRows.Numbers));
        Assert.Equal(NamedRows.Numbers, rows.ClassNames);
        using var again = TrainingRows.FromDataView(rows.ToDataView(_context));
        Assert.Equal(NamedRows.Numbers, again.ClassNames);
        Assert.Equal(rows.ContentHash, again.ContentHash);
        using var numbered = TrainingRows.FromDataView(Numbered());
        Assert.Null(numbered.ClassNames);
        Assert.Null(Assert.Single(numbered.ToDataView(_context).Schema, column => column.Name == "Label").Annotations.Schema.GetColumnOrNull("KeyValues"));
        using var booleans = TrainingRows.FromDataView(MLNetModels.BinaryRows.View(_context));
        Assert.Equal(["False", "True"], booleans.ClassNames);
    }

    [Fact]
    public void A_boolean_label_and_keys_made_of_one_are_the_same_classes()
    {
        var data = MLNetModels.BinaryRows.View(_context);
        var keys = _context.Transforms.Conversion.MapValueToKey("Label").Fit(data).Transform(data); // row 0 is true
        var target = MLNetTarget.FromTransformer(_context.BinaryClassification.Trainers.LbfgsLogisticRegression().Fit(data), data.Schema);
        _owned.Add(target);
        Assert.Equal(["False", "True"], target.ClassNames);
        var fitted = Estimator(target).Fit(data);
        AssertSame(Values(fitted.Transform(data)), Values(fitted.Transform(keys)));
        AssertSame(Values(fitted.Transform(data)), Values(Estimator(target).Fit(keys).Transform(data)));
    }

    [Fact]
    public void Reference_models_and_traces_know_their_rows_by_the_names_of_the_classes()
    {
        using var rows = TrainingRows.FromDataView(NamedRows.View(_context, NamedRows.Names));
        using var others = TrainingRows.FromDataView(NamedRows.View(_context, "virginica", "setosa", "versicolor"));
        var recipe = new TorchRecipe(Network) { Epochs = 1, Device = TorchDevice.Cpu };
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        using var target = recipe.Train(rows, all, 1);
        using var traced = recipe.Train(others, all, 1);
        var fitted = _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
        {
            Target = target,
            Trace = traced.Trace,
            References = ReferenceModels.Train(recipe, others, 1, count: 4),
            Factors = [HardnessFactors.MeanConfidence, HardnessFactors.Memorization],
        }).Fit(rows.ToDataView(_context));
        Assert.Equal(traced.Trace!.Confidences[0], fitted.Transform(rows.ToDataView(_context)).GetColumn<float>("MeanConfidence"));
    }

    [Fact]
    public void A_target_that_goes_on_training_takes_rows_of_its_own_order_alone()
    {
        using var rows = TrainingRows.FromDataView(NamedRows.View(_context, NamedRows.Names));
        using var others = TrainingRows.FromDataView(NamedRows.View(_context, "virginica", "setosa", "versicolor"));
        using var target = TinyRows.Trained(Network, rows);
        var failure = Assert.Throws<ArgumentException>(() => new TorchRecipe(Network).Continue(target, others, Enumerable.Range(0, 60).ToArray(), 1));
        Assert.Contains("['virginica', 'setosa', 'versicolor']", failure.Message, StringComparison.Ordinal);
        Assert.Contains("['setosa', 'versicolor', 'virginica']", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_are_not_one_for_each_class_are_refused()
    {
        using var module = Network.CreateModule(1);
        foreach (var names in new string[][] { ["a", "b"], ["a", "b", "b"] })
            Assert.Contains("3 classes", Assert.Throws<ArgumentException>(() => TorchTarget.FromModule(Network, module, classNames: names)).Message,
                StringComparison.Ordinal);
    }

    [Fact]
    public void A_network_for_other_classes_than_those_of_the_rows_is_not_trained()
    {
        using var two = TrainingRows.FromDataView(NamedRows.View(_context, NamedRows.Create(40, classes: 2), NamedRows.Names[..2]));
        var recipe = new TorchRecipe(Network) { Device = TorchDevice.Cpu };
        int[] all = [.. Enumerable.Range(0, two.Count)];
        foreach (Func<object> train in new Func<object>[]
        {
            () => recipe.Train(two, all, 1),
            () => recipe.TrainMany(two, [new() { Positions = all, Seed = 1 }]),
            () => recipe.TrainWithGradientTrace(two, all, 1),
        })
        {
            var failure = Assert.Throws<ArgumentException>(train);
            Assert.Contains("rows have 2 classes", failure.Message, StringComparison.Ordinal);
            Assert.Contains("3 outputs", failure.Message, StringComparison.Ordinal);
        }
    }

    private ITarget Target(string kind, IDataView data)
    {
        var target = Create(kind, data);
        _owned.Add(target);
        return target;
    }

    private ITarget Create(string kind, IDataView data)
    {
        using var rows = TrainingRows.FromDataView(data);
        int[] all = [.. Enumerable.Range(0, rows.Count)];
        switch (kind)
        {
            case "Torch":
                return TinyRows.Trained(Network, rows);
            case "a copy of Torch":
                using (var trained = TinyRows.Trained(Network, rows))
                    return trained.Clone();
            case "stacked Torch":
                return new TorchRecipe(Network) { Epochs = 3, BatchSize = 16, Stack = 2, Device = TorchDevice.Cpu }.TrainMany(
                    rows, [new() { Positions = all, Seed = 7 }])[0];
            case "continued Torch":
                using (var trained = TinyRows.Trained(Network, rows))
                    return new TorchRecipe(Network) { Epochs = 1, Device = TorchDevice.Cpu }.Continue(trained, rows, all, 1);
            case "a module with names" or "a module without names":
                using (var trained = TinyRows.Trained(Network, rows))
                using (var module = trained.CopyModule())
                    return TorchTarget.FromModule(Network, module, TorchDevice.Cpu, kind == "a module with names" ? trained.ClassNames : null);
            case "linear":
                return Assert.IsType<TorchTarget>(MLNetTarget.FromTransformer(
                    _context.MulticlassClassification.Trainers.LbfgsMaximumEntropy().Fit(data), data.Schema));
            case "trees":
                return Assert.IsType<TreeEnsembleTarget>(MLNetTarget.FromTransformer(Trees(_context).Fit(data), data.Schema));
            case "black box":
                return Assert.IsType<MLNetTarget>(MLNetTarget.FromTransformer(_context.MulticlassClassification.Trainers.NaiveBayes().Fit(data), data.Schema));
            case "linear by a recipe":
                return Assert.IsType<TorchTarget>(new EstimatorRecipe(kind, context => context.MulticlassClassification.Trainers.LbfgsMaximumEntropy()).Train(
                    rows, all, 1));
            case "trees by a recipe":
                return Assert.IsType<TreeEnsembleTarget>(new EstimatorRecipe(kind, Trees).Train(rows, all, 1));
            case "black box by a recipe":
                return Assert.IsType<MLNetTarget>(new EstimatorRecipe(kind, context => context.MulticlassClassification.Trainers.NaiveBayes()).Train(
                    rows, all, 1));
            case "unknown":
                return new OwnTarget(TinyRows.Trained(Network, rows));
            default:
                throw new ArgumentException(kind);
        }
    }

    private static LightGbmMulticlassTrainer Trees(MLContext context) =>
        context.MulticlassClassification.Trainers.LightGbm(
            new LightGbmMulticlassTrainer.Options { NumberOfIterations = 3, NumberOfLeaves = 4, MinimumExampleCountPerLeaf = 3, NumberOfThreads = 1 });

    private UnlearnFactorsEstimator Estimator(ITarget target) =>
        _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options { Target = target, Seed = 5, BatchSize = 16 });

    private static float[] Values(IDataView output) => [.. output.GetColumn<float[]>("UnlearnFactors").SelectMany(row => row)];

    private ITransformer Loaded(ITransformer model, IDataView data, ITarget target)
    {
        if (target is OwnTarget)
            return model; // of no format
        using var file = new MemoryStream();
        _context.Model.Save(model, data.Schema, file);
        file.Position = 0;
        return new MLContext(2).Model.Load(file, out _);
    }

    private float[] Predicted(ITransformer model, params string[] order)
    {
        var chain = new TransformerChain<ITransformer>(NamedRows.Mapper(_context, order), model);
        using var engine = _context.Model.CreatePredictionEngine<NamedRows.Row, Output>(chain, new PredictionEngineOptions { OwnsTransformer = false });
        return [.. NamedRows.Create(EngineRows).SelectMany(row => engine.Predict(row).UnlearnFactors)];
    }

    private IDataView Numbered(int count = 60) => TinyRows.View(_context, TinyRows.Create(count, NamedRows.Width), NamedRows.Width);

    private static void AssertSame(float[] expected, float[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-5f * Math.Max(1, Math.Abs(expected[i])));
    }

    /// <summary>What a user may write: it knows nothing of names.</summary>
    private sealed class OwnTarget(TorchTarget inner) : ITarget
    {
        public int ClassCount => inner.ClassCount;

        public int FeatureCount => inner.FeatureCount;

        public TargetCapabilities Capabilities => TargetCapabilities.Logits;

        public TorchSharp.torch.Tensor Logits(TorchSharp.torch.Tensor features) => inner.Logits(features);

        public TorchSharp.torch.Tensor Embed(TorchSharp.torch.Tensor features) => inner.Embed(features);

        public ITarget Clone() => new OwnTarget(inner.Clone());

        public void Dispose() => inner.Dispose();
    }

    private sealed class Output
    {
        public float[] UnlearnFactors { get; set; } = [];
    }
}
