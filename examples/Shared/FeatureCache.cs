using System.Security.Cryptography;
using System.Text;
using Microsoft.ML;
using Unlearn.Cli.Images;
using Unlearn.Cli.Studies;
using Unlearn.Cli.Terminal;
using Unlearn.Transforms;

namespace Unlearn.Examples;

/// <summary>
/// Features that a slow network makes of images, computed once: ML.NET's binary files of some images each, named after the network and the images' content.
/// </summary>
/// <param name="folder">Folder of the files; it is made with the first of them.</param>
/// <param name="model">Name and version of the network.</param>
/// <param name="side">Side of the images that it reads, in pixels.</param>
/// <param name="compute">The features of images, in order.</param>
internal sealed class FeatureCache(string folder, string model, int side, Func<IReadOnlyList<RgbImage>, IEnumerable<float[]>> compute)
{
    // What a stop loses at most.
    private const int ImagesPerFile = 250;

    private readonly MLContext _context = new(1);

    /// <summary>Images as training rows.</summary>
    /// <param name="images">The images.</param>
    /// <param name="width">Features of an image.</param>
    /// <param name="classCount">Number of classes.</param>
    public TrainingRows ToTrainingRows(IReadOnlyList<RgbImage> images, int width, int classCount) => LabeledRow.ToTrainingRows(
        images.Chunk(ImagesPerFile).SelectMany(chunk => chunk.Zip(Features(chunk), (image, features) => new LabeledRow
        {
            RowId = image.Id,
            Features = features,
            Label = (uint)image.Label,
        })),
        width,
        classCount);

    private IEnumerable<float[]> Features(RgbImage[] images)
    {
        var path = Path.Combine(folder, $"{Key(images)}.idv");
        if (!File.Exists(path))
        {
            var rows = _context.Data.LoadFromEnumerable(compute(images).Select(features => new FeatureRow { Features = features }).ToList());
            Files.Write(path, stream => _context.Data.SaveAsBinary(rows, stream));
        }
        return _context.Data.CreateEnumerable<FeatureRow>(_context.Data.LoadFromBinary(path), reuseRowObject: false).Select(row => row.Features);
    }

    private string Key(IEnumerable<RgbImage> images)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(Encoding.UTF8.GetBytes(model));
        foreach (var image in images)
            hash.AppendData(image.Pixels(side));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    private sealed class FeatureRow
    {
        public float[] Features { get; set; } = [];
    }
}
