using Unlearn.Examples;
using Unlearn.Examples.ImageFolder;

return await StudyProgram.RunAsync(new ImageFolderStudy(), args);
