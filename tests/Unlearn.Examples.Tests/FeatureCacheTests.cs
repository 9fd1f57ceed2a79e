using Unlearn.Cli.Images;
using Xunit;

namespace Unlearn.Examples.Tests;

public sealed class FeatureCacheTests
{
    private const int Side = 2;

    private int _computed;

    private static RgbImage Image(int id, int label = 0, byte tone = 0) =>
        new($"{id}", label, side => [.. Enumerable.Range(0, 3 * side * side).Select(i => (byte)(id + i + tone))]);

    private FeatureCache Cache(string folder, string model = "model/1") => new(folder, model, Side, images =>
    {
        _computed += images.Count;
        return images.Select(image => (float[])[image.Pixels(Side)[0], image.Pixels(Side)[1]]);
    });

    [Fact]
    public void Features_are_computed_once_and_more_rows_compute_only_what_is_new()
    {
        using TemporaryFolder folder = new();
        List<RgbImage> images = [.. Enumerable.Range(0, 260).Select(id => Image(id, id % 3))];
        using (var rows = Cache(folder.File("features")).ToTrainingRows(images, 2, 3))
        {
            Assert.Equal((260, 260), (rows.Count, _computed));
            Assert.Equal(images.SelectMany(image => (float[])[image.Pixels(Side)[0], image.Pixels(Side)[1]]), rows.CopyFeatures());
            Assert.Equal(images.Select(image => image.Id), rows.Ids);
        }
        using (var rows = Cache(folder.File("features")).ToTrainingRows(images, 2, 3))
            Assert.Equal((260, 260), (rows.Count, _computed));
        images.AddRange([.. Enumerable.Range(260, 5).Select(id => Image(id))]);
        using (var rows = Cache(folder.File("features")).ToTrainingRows(images, 2, 3))
            Assert.Equal((265, 260 + 15), (rows.Count, _computed)); // the second file's images, ten of them anew
    }

    [Fact]
    public void Another_image_or_network_is_computed_anew_and_another_label_is_not()
    {
        using TemporaryFolder folder = new();
        Cache(folder.Path).ToTrainingRows([Image(1), Image(2, 1)], 2, 3).Dispose();
        using (var rows = Cache(folder.Path).ToTrainingRows([Image(1, 1), Image(2, 2)], 2, 3))
            Assert.Equal(2, _computed);
        Cache(folder.Path).ToTrainingRows([Image(1), Image(2, 1, tone: 9)], 2, 3).Dispose();
        Assert.Equal(4, _computed);
        Cache(folder.Path, "model/2").ToTrainingRows([Image(1), Image(2, 1)], 2, 3).Dispose();
        Assert.Equal(6, _computed);
    }
}
