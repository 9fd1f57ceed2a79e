using Microsoft.ML;
using Xunit;

namespace Unlearn.Transforms.Tests.Pipeline.Persistence;

/// <summary>Models that an earlier tree saved still load, and give the values that they gave then.</summary>
public sealed class SavedModelTests
{
    // The files hold the statistics themselves, so only the arithmetic of scoring is done again. Another processor or another libtorch adds float32
    // numbers in another order: a few units in the last place of a sum, 1e-7 each. A wrong or missing statistic moves values by far more.
    private const float Tolerance = 1e-5f;

    public static TheoryData<string> Names => [.. SavedModels.Names];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_that_was_saved_earlier_gives_its_values(string name)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Saved");
        var saved = SavedModels.Read(SavedModels.ValuesPath(folder, name));
        var context = new MLContext(3);
        var actual = SavedModels.Score(context, context.Model.Load(SavedModels.ModelPath(folder, name), out var schema), name, saved.Rows);

        Assert.Equal(["RowId", "Features", "Label"], schema.Select(column => column.Name));
        Assert.Equal(saved.Factors, actual.Factors);
        Assert.Equal(saved.Expected.Length, actual.Expected.Length);
        for (var row = 0; row < saved.Rows.Count; row++)
            for (var factor = 0; factor < saved.Factors.Length; factor++)
            {
                var (expected, value) = (saved.Expected[row][factor], actual.Expected[row][factor]);
                Assert.True(expected.Equals(value) || Math.Abs(expected - value) <= Tolerance * Math.Abs(expected) + 1e-7f,
                    $"{saved.Factors[factor]} of row '{saved.Rows[row].RowId}' was {expected:R}, is {value:R}.");
            }
    }
}
