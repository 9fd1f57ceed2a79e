namespace Unlearn.Cli.Models;

/// <summary>What a model is given.</summary>
/// <param name="Features">Features of a row: of images channel × height × width, of texts the numbers of their words.</param>
/// <param name="Classes">Classes.</param>
/// <param name="Side">Side of images in pixels; 0 for other rows.</param>
/// <param name="Vocabulary">Numbers of words that there are; 0 for other rows.</param>
internal sealed record ModelInput(int Features, int Classes, int Side = 0, int Vocabulary = 0);
