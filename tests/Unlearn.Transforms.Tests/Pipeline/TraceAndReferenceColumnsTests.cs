using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Pipeline.DataViews;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline;

public sealed class TraceAndReferenceColumnsTests : IDisposable
{
    private const int Width = 6;
    private static readonly IHardnessFactor[] FromTrace =
    [
        HardnessFactors.MeanConfidence, HardnessFactors.ConfidenceVariability, HardnessFactors.ForgettingEvents, HardnessFactors.LearnedEpoch,
        HardnessFactors.AreaUnderMargin,
        HardnessFactors.TraceGradientNorm, HardnessFactors.GradientVariance,
    ];

    private static readonly IHardnessFactor[] FromReferences = [HardnessFactors.Memorization, HardnessFactors.MembershipZ];

    private readonly MLContext _context = new(1);
    private readonly TrainingRows _rows = TinyRows.Training(60, Width);
    private readonly TorchRecipe _recipe = new(TorchArchitecture.Mlp(Width, TinyRows.Classes, 5)) { Epochs = 3, BatchSize = 16, Device = TorchDevice.Cpu };
    private readonly TorchTarget _target;
    private readonly ReferenceModels _references;
    private readonly IDataView _data;

    public TraceAndReferenceColumnsTests()
    {
        _target = _recipe.TrainWithGradientTrace(_rows, Enumerable.Range(0, 60).ToArray(), seed: 7);
        _references = ReferenceModels.Train(_recipe, _rows, seed: 7, count: 4);
        _data = TinyRows.View(_context, TinyRows.Create(60, Width), Width);
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    private UnlearnFactorsEstimator Estimator(Action<UnlearnFactorsEstimator.Options>? change = null)
    {
        var options = new UnlearnFactorsEstimator.Options
        {
            Target = _target,
            Factors = [.. FromTrace, .. FromReferences],
            References = _references,
            BatchSize = 16,
            Seed = 5,
            KeepUndefined = true,
        };
        change?.Invoke(options);
        return _context.Transforms.UnlearnFactors(options);
    }

    private static float[][] Values(ITransformer transformer, IDataView data) => [.. transformer.Transform(data).GetColumn<float[]>("UnlearnFactors")];

    [Fact]
    public void Training_rows_have_all_values_and_a_saved_model_has_the_same()
    {
        var transformer = Estimator().Fit(_data);
        var values = Values(transformer, _data);
        Assert.All(values, row => Assert.All(row, value => Assert.True(float.IsFinite(value))));
        Assert.Equal(_target.Trace!.Margins.Average(epoch => epoch[13]), values[13][4], 1e-5f);

        using var file = new MemoryStream();
        _context.Model.Save(transformer, _data.Schema, file);
        file.Position = 0;
        Assert.Equal(values, Values(new MLContext(2).Model.Load(file, out _), _data));
    }

    [Fact]
    public void Rows_that_were_not_trained_on_are_missing()
    {
        var others = TinyRows.Create(5, Width, seed: 9);
        others[1].RowId = "new";
        others[3].RowId = "newer";
        var data = TinyRows.View(_context, others, Width);
        var values = Values(Estimator().Fit(_data), data);
        var filled = Values(Estimator(options => options.KeepUndefined = false).Fit(_data), data);
        for (var row = 0; row < others.Count; row++)
        {
            Assert.All(values[row], value => Assert.Equal(row is 1 or 3, float.IsNaN(value)));
            if (row is 1 or 3)
                Assert.All(filled[row], value => Assert.Equal(0, value));
        }
        var withoutIds = _context.Transforms.DropColumns("RowId").Fit(data).Transform(data);
        Assert.All(Values(Estimator().Fit(_data), withoutIds), row => Assert.All(row, value => Assert.True(float.IsNaN(value))));
    }

    [Fact]
    public void Out_of_fold_values_are_the_same_since_no_fold_is_needed_to_know_them()
    {
        var plain = Values(Estimator().Fit(_data), _data);
        var crossed = Estimator(options => options.CrossFitFolds = 3).Fit(_data);
        Assert.Equal(plain, Values(crossed, _data));
    }

    [Fact]
    public void Looking_up_reads_no_labels()
    {
        var bindings = new FactorBindings(Estimator().Fit(_data).Fitted, _data.Schema);
        Assert.Equal(["Features", "RowId"], bindings.Dependencies([bindings.OutputSchema["MeanConfidence"]]).Select(column => column.Name));
    }

    [Fact]
    public void Bad_input_is_named()
    {
        void Throws<T>(Action action, params string[] words) where T : Exception
        {
            var failure = Assert.ThrowsAny<T>(action);
            Assert.All(words, word => Assert.Contains(word, failure.Message, StringComparison.Ordinal));
        }
        using var elsewhere = TorchTarget.FromModule(_target.Architecture, _target.Module);
        using var untraced = _recipe.Train(_rows, Enumerable.Range(0, 60).ToArray(), seed: 7);
        using var fewer = _recipe.Train(_rows, Enumerable.Range(0, 50).ToArray(), seed: 7);
        Throws<ArgumentException>(() => Estimator(options => options.Target = elsewhere), "'MeanConfidence'", "trained elsewhere", "Trace");
        Throws<ArgumentException>(() => Estimator(options => options.Target = untraced), "'TraceGradientNorm'", "TrainWithGradientTrace");
        Throws<ArgumentException>(() => Estimator(options => options.References = null), "'Memorization'", "ReferenceModels.Train");
        Assert.NotNull(Estimator(options => (options.Target, options.Trace) = (elsewhere, _target.Trace)).Fit(_data));

        var withoutIds = _context.Transforms.DropColumns("RowId").Fit(_data).Transform(_data);
        Throws<ArgumentOutOfRangeException>(() => Estimator().Fit(withoutIds), "RowId");
        Throws<InvalidOperationException>(() => Estimator(options => (options.Target, options.Factors) = (fewer, [HardnessFactors.MeanConfidence])).Fit(_data),
            "'50'", "50 rows of the trace", "10 of the 60");
        var renamed = TinyRows.Create(60, Width);
        renamed.ForEach(row => row.RowId = "r" + row.RowId);
        Throws<InvalidOperationException>(() => Estimator().Fit(TinyRows.View(_context, renamed, Width)), "'r0'", "trace", "60 of the 60");
        Throws<InvalidOperationException>(
            () => Estimator(options => options.Factors = FromReferences).Fit(TinyRows.View(_context, renamed, Width)), "'r0'", "reference models");
        var relabeled = TinyRows.Create(60, Width);
        relabeled[4].Label = (relabeled[4].Label + 1) % TinyRows.Classes;
        Throws<InvalidOperationException>(() => Estimator().Fit(TinyRows.View(_context, relabeled, Width)), "'4'", "label", "other data");
    }
}
