using Microsoft.ML;
using Microsoft.ML.Data;
using Unlearn.Transforms.Rows;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline;

public sealed class OutOfFoldTests : IDisposable
{
    private const int Width = 5;
    private const int Folds = 3;
    private readonly MLContext _context = new(1);
    private readonly TrainingRows _rows = TinyRows.Training(40, Width);
    private readonly TorchTarget _target;
    private readonly IDataView _data;

    public OutOfFoldTests()
    {
        _target = TinyRows.Trained(TorchArchitecture.Mlp(Width, TinyRows.Classes, 4), _rows);
        _data = TinyRows.View(_context, TinyRows.Create(40, Width), Width);
    }

    public void Dispose()
    {
        _target.Dispose();
        _rows.Dispose();
    }

    [Fact]
    public void What_follows_in_a_pipeline_is_trained_on_factors_of_statistics_that_never_saw_the_row()
    {
        IDataView? seen = null;
        var estimator = Estimator(Folds);
        var chain = estimator.Append(new Spy(input => seen = input)).Fit(_data);
        var training = Values(seen!);
        var scoring = Values(chain.Transform(_data));
        Assert.NotEqual(scoring, training);

        var folds = TinyRows.Create(40, Width).Select(row => (int)((ulong)RowKey.OfId(row.RowId) % Folds)).ToArray();
        for (var fold = 0; fold < Folds; fold++)
        {
            var others = TinyRows.Create(40, Width).Where((_, row) => folds[row] != fold);
            var expected = Values(Estimator(0).Fit(TinyRows.View(_context, others, Width)).Transform(_data));
            for (var row = 0; row < folds.Length; row++)
                if (folds[row] == fold)
                    Assert.Equal(expected[row], training[row], 1e-4f * Math.Abs(expected[row]) + 1e-6f);
        }
    }

    [Fact]
    public void Without_folds_training_and_scoring_see_the_same()
    {
        IDataView? seen = null;
        var chain = Estimator(0).Append(new Spy(input => seen = input)).Fit(_data);
        Assert.Equal(Values(chain.Transform(_data)), Values(seen!));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(-2)]
    public void Impossible_numbers_of_folds_are_refused(int folds) =>
        Assert.Contains("CrossFitFolds", Assert.Throws<ArgumentOutOfRangeException>(() => Estimator(folds)).Message, StringComparison.Ordinal);

    private UnlearnFactorsEstimator Estimator(int folds) => _context.Transforms.UnlearnFactors(new UnlearnFactorsEstimator.Options
    {
        Target = _target,
        Factors = [HardnessFactors.SelfInfluence],
        CrossFitFolds = folds,
        Seed = 5,
    });

    private static float[] Values(IDataView view) => [.. view.GetColumn<float>("SelfInfluence")];

    private sealed class Spy(Action<IDataView> fit) : IEstimator<ITransformer>
    {
        public ITransformer Fit(IDataView input)
        {
            fit(input);
            return new MLContext(1).Transforms.CopyColumns("Copy", "SelfInfluence").Fit(input);
        }

        public SchemaShape GetOutputSchema(SchemaShape inputSchema) =>
            new MLContext(1).Transforms.CopyColumns("Copy", "SelfInfluence").GetOutputSchema(inputSchema);
    }
}
